/**
 * `unit` in Node; `browser` and `browser kernels` in real Chromiums (files named *.browser.test.ts).
 * The workers' addresses in src/client and workers/ are relative to dist/; the tests run the sources, so they are mapped to workers/.
 */
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { ortFix, runtimeConditions } from './scripts/ort-fix.mjs';
import { launchOptions } from './scripts/ready.mjs';

const tests = ['src', 'workers', 'demo', 'scripts', 'models', 'relevance', 'bench'].map(
  (folder) => `${folder}/**/*.test.ts`,
);
const browserTests = '**/*.browser.test.ts';
/** Hundreds of memories, whose addresses a process has back only when they are collected: no other test shares theirs. */
const kernelTests = 'src/kernels/**/*.browser.test.ts';
const bundled = [
  '@huggingface/tokenizers',
  'fast-check',
  'idb',
  'onnxruntime-web/jspi',
  'onnxruntime-web/wasm',
  'parse5',
];

const isolation = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

const workerSources = {
  name: 'worker-sources',
  enforce: 'pre' as const,
  transform(code: string, id: string) {
    const folder = id.match(/\/(src\/client|workers)\/[\w.-]+\.ts$/)?.[1];
    if (!folder) return null;
    const path = folder === 'workers' ? './' : '../../workers/';
    return code.replaceAll(/(['"])\.\/([\w-]+\.worker)\.js\1/g, `$1${path}$2.ts$1`);
  },
};

/** In a browser of its own. */
const inBrowser = (name: string, include: string[], exclude: string[] = []) => ({
  plugins: [workerSources, ortFix],
  worker: { format: 'es' as const, plugins: () => [ortFix] },
  resolve: { conditions: runtimeConditions },
  // Threads share memory in isolated pages alone.
  server: { headers: isolation },
  // Named here because a package found in mid-run makes Vite reload the page under the tests.
  optimizeDeps: { include: bundled },
  test: {
    name,
    include,
    exclude: [...exclude, '**/node_modules/**'],
    testTimeout: 30_000,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: launchOptions('--enable-unsafe-webgpu') }),
      instances: [{ browser: 'chromium' as const }],
    },
  },
});

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          include: tests,
          exclude: [browserTests, '**/node_modules/**'],
          testTimeout: 20_000,
        },
      },
      inBrowser(
        'browser',
        ['src', 'workers', 'demo'].map((folder) => `${folder}/${browserTests}`),
        [kernelTests],
      ),
      inBrowser('browser kernels', [kernelTests]),
    ],
  },
});
