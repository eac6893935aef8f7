// A deed of the care chain: once for each key, even where the answer was lost on the way; and a form that is not left by accident.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { asFault } from "../api";
import { useSay } from "../language";
import { toast } from "../ui";
import { chain } from "../words/chain";
import type { Word } from "../words/word";

/** The header under which the city does a thing once. */
export interface Once {
  header: { "idempotency-key": string };
}

/**
 * `act(said, once)` sends; the same words sent again after a lost answer go under the same key. What was read of the
 * chain is read anew afterwards, also after a refusal: the page may show what is no more so.
 */
export function useDeed<Said, Out>(act: (said: Said, once: Once) => Promise<Out>, done: Word, after?: (out: Out, said: Said) => void) {
  const cache = useQueryClient();
  const kept = useRef<{ said: string; key: string } | null>(null);
  return useMutation({
    mutationFn: (said: Said) => {
      const words = JSON.stringify(said) ?? "";
      if (kept.current?.said !== words) kept.current = { said: words, key: crypto.randomUUID() };
      return act(said, { header: { "idempotency-key": kept.current.key } });
    },
    onSuccess: (out, said) => {
      kept.current = null;
      toast(done);
      after?.(out, said);
      void cache.invalidateQueries({ queryKey: ["care"] });
    },
    onError: (error) => {
      if (asFault(error).passing) return;
      kept.current = null;
      void cache.invalidateQueries({ queryKey: ["care"] });
    },
  });
}

/** While `dirty`, whoever leaves the page is asked first: nothing of a person is kept in the browser. */
export function useUnsaved(dirty: boolean): void {
  const t = useSay();
  const question = t(chain.leave);
  useEffect(() => {
    if (!dirty) return;
    const leaving = (event: BeforeUnloadEvent) => event.preventDefault();
    const going = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      if (!link || link.getAttribute("target") || link.hasAttribute("download") || link.getAttribute("href")?.startsWith("#")) return;
      if (!confirm(question)) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    addEventListener("beforeunload", leaving);
    document.addEventListener("click", going, true);
    return () => {
      removeEventListener("beforeunload", leaving);
      document.removeEventListener("click", going, true);
    };
  }, [dirty, question]);
}
