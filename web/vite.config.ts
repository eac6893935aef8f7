// How the console is built: nothing inline, nothing from elsewhere, and a service worker that knows what to keep.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** Tells the service worker every file of this build: that is what it keeps for hours without reception. */
function keptOffline(): Plugin {
  let kept: string[] = [];
  return {
    name: "kept-offline",
    generateBundle: {
      // After those that take empty files away: with one that is missing the worker would keep nothing at all.
      order: "post",
      handler(_, bundle) {
        const worker = bundle["sw.js"];
        if (worker?.type !== "chunk") throw new Error("the service worker is missing");
        const files = Object.keys(bundle).filter((name) => name.startsWith("assets/"));
        worker.code = worker.code.replace(/(["'`])@@FILES@@\1/, JSON.stringify(files.map((name) => `/${name}`).join(" ")));
        kept = files;
      },
    },
    writeBundle(options) {
      const gone = kept.filter((name) => !existsSync(`${options.dir}/${name}`));
      if (gone.length) throw new Error(`the service worker would look for ${gone.join(", ")}`);
    },
  };
}

/** Puts the smallest file first: it asks the city for what the page will show while the page itself is on its way. */
function askedAhead(): Plugin {
  return {
    name: "asked-ahead",
    transformIndexHtml: {
      order: "post",
      handler(_, { bundle }) {
        const ahead = Object.values(bundle ?? {}).find((file) => file.type === "chunk" && file.name === "ahead");
        if (!ahead) throw new Error("what is asked ahead is missing");
        return [{ tag: "script", attrs: { type: "module", async: true, src: `/${ahead.fileName}` }, injectTo: "head" }];
      },
    },
  };
}

/** Packs every file once, so that the server need not do it for each reader. */
function packed(): Plugin {
  return {
    name: "packed",
    writeBundle(options) {
      for (const folder of [`${options.dir}/assets`, `${options.dir}`]) {
        for (const name of readdirSync(folder)) {
          if (!/\.(js|css|svg)$/.test(name)) continue;
          const file = readFileSync(`${folder}/${name}`);
          writeFileSync(`${folder}/${name}.br`, brotliCompressSync(file));
          writeFileSync(`${folder}/${name}.gz`, gzipSync(file, { level: 9 }));
        }
      }
    },
  };
}

/** React, and with it whatever the first page shares a file with. */
const RUN_AT_ONCE = /node_modules\/react(-dom)?\//;

/** What every page runs is compiled while it comes over the line, and not when it is first called (Chrome 136). */
function compiledAhead(): Plugin {
  return {
    name: "compiled-ahead",
    generateBundle: {
      order: "post", // the hint must be the first line
      handler(_, bundle) {
        for (const file of Object.values(bundle)) {
          if (file.type === "chunk" && file.moduleIds.some((id) => RUN_AT_ONCE.test(id))) {
            file.code = `//# allFunctionsCalledOnLoad\n${file.code}`;
          }
        }
      },
    },
  };
}

export default defineConfig({
  plugins: [keptOffline(), askedAhead(), compiledAhead(), packed()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    rolldownOptions: {
      // Libraries say "use client" to servers that draw pages; there is none here.
      onLog: (level, log, tell) => {
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") tell(level, log);
      },
      input: { main: "index.html", sw: "src/sw.ts", ahead: "src/ahead.ts" },
      output: {
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
