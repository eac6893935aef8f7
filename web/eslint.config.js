import tseslint from "typescript-eslint";

// Sentences live in src/words, in both languages; code and markup have none.
const SPOKEN = "Sentences belong to src/words, in Korean and in English.";

export default tseslint.config(
  { ignores: ["dist", "node_modules", "src/schema.d.ts"] },
  ...tseslint.configs.strict,
  {
    files: ["src/**/*.{ts,tsx}"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "max-lines": ["error", 400],
      eqeqeq: "error",
      "no-console": "error",
      "no-restricted-globals": [
        "error",
        { name: "localStorage", message: "src/memory.ts keeps what a browser remembers." },
        { name: "fetch", message: "src/api.ts is the way to the city." },
      ],
    },
  },
  {
    files: ["src/**/*.tsx"],
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: "JSXText[value=/[A-Za-z가-힣]{2,}/]", message: SPOKEN },
        { selector: "JSXAttribute[name.name=/^(title|alt|placeholder|aria-label)$/] > Literal", message: SPOKEN },
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Text is text." },
      ],
    },
  },
  { files: ["src/api.ts", "src/memory.ts", "src/sw.ts", "src/ahead.ts"], rules: { "no-restricted-globals": "off" } },
);
