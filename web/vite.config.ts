// How the console is built: nothing inline, nothing from elsewhere, and a service worker that knows what to keep.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
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
          if (/\.(js|css|svg)$/.test(name)) writeFileSync(`${folder}/${name}.gz`, gzipSync(readFileSync(`${folder}/${name}`), { level: 9 }));
        }
      }
    },
  };
}

export default defineConfig({
  plugins: [keptOffline(), askedAhead(), packed()],
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
