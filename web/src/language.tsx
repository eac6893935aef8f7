// The language of the screen: Korean first, English complete, and the document says which.
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { recall, remember } from "./memory";
import { say, type Filled, type Language, type Word } from "./words/word";

export type Say = <Said extends Word>(word: Said, ...fields: Filled<Said>) => string;

interface Spoken {
  language: Language;
  speak: (language: Language) => void;
}

const Context = createContext<Spoken>({ language: "ko", speak: () => undefined });

function first(): Language {
  const asked = new URLSearchParams(location.search).get("lang");
  if (asked === "ko" || asked === "en") remember("language", asked);
  const known = asked ?? recall("language");
  return known === "en" ? "en" : "ko";
}

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(first);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const speak = useCallback((wanted: Language) => {
    remember("language", wanted);
    setLanguage(wanted);
  }, []);
  const spoken = useMemo(() => ({ language, speak }), [language, speak]);
  return <Context value={spoken}>{children}</Context>;
}

export function useLanguage(): Spoken {
  return useContext(Context);
}

/** Says words in the screen's language: `const t = useSay(); t(board.title)`. */
export function useSay(): Say {
  const { language } = useLanguage();
  return useCallback<Say>((word, ...fields) => say(language, word, ...fields), [language]);
}
