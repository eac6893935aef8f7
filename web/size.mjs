// How much JavaScript the board needs before it stands, gzipped: what index.html loads.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const MOST = 150_000;
const dist = new URL("dist/", import.meta.url);
const files = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf-8"));
const seen = new Set();

function need(name) {
  const file = files[name];
  if (!file || seen.has(file.file)) return;
  seen.add(file.file);
  for (const other of file.imports ?? []) need(other);
}

need("index.html");
need("src/ahead.ts");
let total = 0;
for (const name of seen) {
  const bytes = gzipSync(readFileSync(new URL(name, dist))).length;
  total += bytes;
  console.log(`${String(bytes).padStart(8)} ${name}`);
}
console.log(`${String(total).padStart(8)} of ${MOST} bytes`);
process.exit(total > MOST ? 1 : 0);
