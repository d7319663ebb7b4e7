/**
 * The demo page: index.html and demo/ become build/demo, using the library as a site with a bundler would.
 * The index beside it (build/demo/nearbit) and the example site (build/demo/site) are made by scripts/demo.mjs.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const dist = (file: string) => fileURLToPath(new URL(`dist/${file}`, import.meta.url));

export default defineConfig({
  base: './',
  resolve: {
    alias: [
      { find: /^nearbit$/, replacement: dist('nearbit.js') },
      { find: /^nearbit\/element$/, replacement: dist('nearbit-search.js') },
    ],
  },
  worker: { format: 'es' },
  build: {
    outDir: 'build/demo',
    // The folder also holds the index and the example site, which take longer to make than the page.
    emptyOutDir: false,
    target: 'es2022',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
});
