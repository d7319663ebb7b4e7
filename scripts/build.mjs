/**
 * Builds dist/: what a browser loads, what Node runs, and the types.
 * In: src/ and workers/. Out: dist/ as package.json's `exports`, `bin` and the index command expect it, everything bundled.
 * Deliberately not here: the demo page (Vite, scripts/demo.mjs) and the budgets (scripts/size.mjs).
 */
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { ortFix, runtimeConditions } from './ort-fix.mjs';
import { root } from './ready.mjs';

const dist = join(root, 'dist');
/** Becomes dist/ when everything in it is done: a build that fails leaves the old one. */
const made = join(root, 'build/dist');

const browserEntries = {
  'nearbit.js': 'src/index.ts',
  'nearbit-search.js': 'src/ui/index.ts',
  'index.worker.js': 'workers/index.worker.ts',
  'scan.worker.js': 'workers/scan.worker.ts',
  'inference.worker.js': 'workers/inference.worker.ts',
  'inference-webgpu.worker.js': 'workers/inference-webgpu.worker.ts',
  'transformers.js': 'src/embed/transformers.ts',
};
/** What every page and every worker needs is downloaded once. Other code is rather cut to each entry's need than shared. */
const sharedFile = 'shared.js';
const sharedSources = ['src/errors.ts', 'workers/rpc.ts'].map((source) => join(root, source));
const nodeEntries = {
  'cli.js': 'src/cli/cli.ts',
  'encode.thread.js': 'src/embed/encode.thread.node.ts',
};

/** What a user brings, if at all. */
const optionalPeers = ['onnxruntime-node', '@huggingface/transformers'];

/** ONNX Runtime's own files. The jspi pair (WebGPU) stays out of the package: see `files` in package.json. */
const runtimeFiles = ['ort-wasm-simd-threaded', 'ort-wasm-simd-threaded.jspi'].flatMap((name) => [
  `${name}.mjs`,
  `${name}.wasm`,
]);

const chunkFileNames = 'chunks/[name]-[hash].js';

function onLog(level, log, report) {
  if (level === 'warn') throw new Error(`Cannot build: ${log.message}`);
  report(level, log);
}

/** Takes the indentation out of lit's templates, which minifiers leave alone; HTML and CSS read the same without. */
const unindent = {
  name: 'unindent',
  transform: (code, id) => (id.startsWith(join(root, 'src/ui/')) ? code.replace(/\n\s+/g, '\n') : null),
};

const sharedAlone = {
  name: 'shared-alone',
  resolveId: {
    filter: { id: /\/(errors|rpc)$/ },
    handler: (source, importer) =>
      sharedSources.includes(`${resolve(dirname(importer), source)}.ts`)
        ? { id: sharedFile, external: true }
        : null,
  },
  renderChunk: (code, chunk) =>
    code.replaceAll(`"${sharedFile}"`, `"${chunk.fileName.includes('/') ? '..' : '.'}/${sharedFile}"`),
};

const sharedEntry = {
  name: 'shared-entry',
  resolveId: (source) => (source === sharedFile ? source : null),
  load: (id) =>
    id === sharedFile
      ? sharedSources.map((source) => `export * from ${JSON.stringify(source)};`).join('\n')
      : null,
};

async function bundleForBrowser(file, input, share) {
  const bundle = await rolldown({
    input: { [file.replace(/\.js$/, '')]: input },
    platform: 'browser',
    external: optionalPeers,
    resolve: { conditionNames: runtimeConditions },
    plugins: [share, ortFix, unindent],
    transform: { target: 'es2022' },
    checks: { pluginTimings: false },
    onLog,
  });
  await bundle.write({ dir: made, format: 'es', minify: true, entryFileNames: '[name].js', chunkFileNames });
  await bundle.close();
}

/** One file each: threads are found beside the running file, and nothing here is downloaded. */
async function bundleForNode(file, source) {
  const bundle = await rolldown({
    input: join(root, source),
    platform: 'node',
    external: optionalPeers,
    transform: { target: 'node20' },
    checks: { pluginTimings: false },
    onLog,
  });
  await bundle.write({ file: join(made, 'node', file), format: 'es', codeSplitting: false });
  await bundle.close();
}

function copyRuntime() {
  const require = createRequire(import.meta.url);
  mkdirSync(join(made, 'runtime'), { recursive: true });
  for (const file of runtimeFiles) {
    copyFileSync(require.resolve(`onnxruntime-web/${file}`), join(made, 'runtime', file));
  }
}

function writeTypes() {
  const tsc = spawn(
    process.execPath,
    [
      join(root, 'node_modules/typescript/lib/tsc.js'),
      '-p',
      'tsconfig.build.json',
      '--outDir',
      join(made, 'types'),
    ],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  return new Promise((done, failed) => {
    tsc.on('error', failed);
    tsc.on('exit', (code) => {
      code === 0 ? done() : failed(new Error('Cannot write the types: tsc found errors (printed above)'));
    });
  });
}

function makeExecutable(file) {
  const path = join(made, 'node', file);
  if (!readFileSync(path, 'utf8').startsWith('#!')) throw new Error(`Cannot build: ${file} has no #! line`);
  chmodSync(path, 0o755);
}

export async function build() {
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  copyRuntime();
  await Promise.all([
    writeTypes(),
    ...Object.entries(browserEntries).map(([file, source]) =>
      bundleForBrowser(file, join(root, source), sharedAlone),
    ),
    bundleForBrowser(sharedFile, sharedFile, sharedEntry),
    ...Object.entries(nodeEntries).map(([file, source]) => bundleForNode(file, source)),
  ]);
  makeExecutable('cli.js');
  rmSync(dist, { recursive: true, force: true });
  renameSync(made, dist);
}

if (process.argv[1] === import.meta.filename) {
  const startedMs = performance.now();
  await build();
  console.log(`Built dist/ in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
}
