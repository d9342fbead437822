// Builds the interface into the Python package, with a manifest that the pages are rendered from.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { defineConfig, type Plugin } from "vite";

const require = createRequire(import.meta.url);

/** The documentation viewer's files under fixed names: the API's page at /docs names them. */
function viewer(): Plugin {
  const files = ["swagger-ui-bundle.js", "swagger-ui-standalone-preset.js", "swagger-ui.css"];
  return {
    name: "viewer",
    generateBundle() {
      for (const name of files) {
        const source = readFileSync(require.resolve(`swagger-ui-dist/${name}`), "utf8");
        // No source maps are shipped, so do not name them.
        this.emitFile({ type: "asset", fileName: `assets/docs/${name}`, source: source.replace(/\n(\/\/|\/\*)# sourceMappingURL=.*$/s, "\n") });
      }
    },
  };
}

export default defineConfig({
  plugins: [viewer()],
  build: {
    outDir: "../src/madang/web/dist",
    emptyOutDir: true,
    manifest: true,
    target: "es2022",
    // Nothing is inlined as a data: address: the content security policy stays strict.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rollupOptions: { input: ["src/main.tsx", "src/slide/main.ts", "src/draft/main.ts", "src/draft/worker.ts", "src/page.css", "src/fonts/ko.css", "src/icon.svg"] },
  },
});
