// A sentence in both languages, checked by the compiler: neither is missing, and both have the same fields.

export interface Word {
  readonly ko: string;
  readonly en: string;
}

export type Language = "ko" | "en";

/** The names of a sentence's {fields}. */
type Fields<Said extends string> = Said extends `${string}{${infer Name}}${infer Rest}` ? Name | Fields<Rest> : never;

type Agreed<Said> = {
  [Key in keyof Said]: Said[Key] extends { ko: infer Ko extends string; en: infer En extends string }
    ? [Fields<Ko>, Fields<En>] extends [Fields<En>, Fields<Ko>]
      ? Said[Key]
      : "the fields of ko and en differ"
    : "ko and en, both";
};

/** The sentences of one part of the console. */
export function words<const Said extends Record<string, Word>>(said: Said & Agreed<Said>): Said {
  return said;
}

export type Filled<Said extends Word> = [Fields<Said["en"]>] extends [never]
  ? []
  : [fields: Record<Fields<Said["en"]>, string | number>];

/** `word` in `language`, its fields filled in. A sentence of the server's is a word, too. */
export function say<Said extends Word>(language: Language, word: Said, ...[fields]: Filled<Said>): string {
  const known: Record<string, string | number> = fields ?? {};
  return word[language].replace(/\{(\w+)\}/g, (whole, name: string) => String(known[name] ?? whole));
}
