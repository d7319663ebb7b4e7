/**
 * Builds dist/: what a browser loads, what Node runs, and the types.
 * In: src/ and workers/. Out: dist/ as package.json's `exports`, `bin` and the index command expect it, everything bundled.
 * Deliberately not here: the demo page (Vite, scripts/demo.mjs) and the budgets (scripts/size.mjs).
 */
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { ortFix, runtimeConditions } from './ort-fix.mjs';
import { root } from './ready.mjs';

const dist = join(root, 'dist');
/** Becomes dist/ when everything in it is done: a build that fails leaves the old one. */
const made = join(root, 'build/dist');

/** The worker of a live index. */
const liveWorker = 'live.worker.js';

const browserEntries = {
  'nearbit.js': 'src/index.ts',
  'nearbit-search.js': 'src/ui/index.ts',
  'nearbit-search-instant.js': 'src/ui/instant.ts',
  'nearbit-instant.js': 'src/client/instant-index.ts',
  'errors.js': 'src/errors.ts',
  'rpc.js': 'workers/rpc.ts',
  'index.worker.js': 'workers/index.worker.ts',
  [liveWorker]: 'workers/live.worker.ts',
  'scan.worker.js': 'workers/scan.worker.ts',
  'inference.worker.js': 'workers/inference.worker.ts',
  'inference-webgpu.worker.js': 'workers/inference-webgpu.worker.ts',
  'transformers.js': 'src/embed/transformers.ts',
};
/** What a page and its workers both need is downloaded once. Other code is rather cut to each entry's need than shared. */
const sharedFiles = { 'src/errors.ts': 'errors.js', 'workers/rpc.ts': 'rpc.js' };
/** Entries that other entries load when they are needed. */
const lateFiles = {
  ...sharedFiles,
  'src/client/open-index.ts': 'nearbit.js',
  'src/client/instant-index.ts': 'nearbit-instant.js',
};
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

/**
 * Stemmers and stop words are the same in every bundle that holds them, and are named without their hash: the tables of
 * their addresses would otherwise be half a kilobyte of digits in each tier.
 */
function chunkFileNames({ facadeModuleId }) {
  const id = facadeModuleId ?? '';
  if (/\/@orama\/stemmers\//.test(id)) return 'chunks/stem-[name].js';
  if (id.includes('/porter2/')) return 'chunks/stem-en.js';
  if (id.includes('/stop-words/')) return 'chunks/stop-[name].js';
  return 'chunks/[name]-[hash].js';
}

function onLog(level, log, report) {
  if (level === 'warn') throw new Error(`Cannot build: ${log.message}`);
  report(level, log);
}

/** Takes out of templates and the style sheet what says nothing; minifiers leave strings alone. */
const unindent = {
  name: 'unindent',
  transform(code, id) {
    if (!id.startsWith(join(root, 'src/ui/'))) return null;
    const short = code.replace(/\n\s+/g, '\n');
    if (!id.endsWith('styles.ts')) return short.replaceAll('>\n<', '><');
    return short.replace(/(?<=replaceSync\(`)[^`]+/, (css) =>
      css
        .replaceAll('\n', '')
        .replace(/\s*([{};,>])\s*/g, '$1')
        .replace(/:\s+/g, ':')
        .replaceAll(';}', '}'),
    );
  },
};

/** Errors that browsers never meet; readers need not download their messages. */
const nodeErrors = ['data-missing', 'site-missing', 'store-read-only'];
/** Errors of the worker of a live index alone, which has the messages in its own file. */
const liveErrors = ['store-changed', 'store-failed'];

const browserErrors = (entry) => {
  const absent = entry === liveWorker ? nodeErrors : [...nodeErrors, ...liveErrors];
  return {
    name: 'browser-errors',
    transform: {
      filter: { id: /\/src\/errors\.ts$/ },
      handler(code) {
        let short = code;
        for (const name of absent) {
          const message = new RegExp(`\\n *'${name}': [^\`]*\`[^\`]*\`,`);
          if (!message.test(short)) throw new Error(`Cannot build: src/errors.ts has no message '${name}'`);
          short = short.replace(message, '');
        }
        return short;
      },
    },
    generateBundle(_, files) {
      for (const { fileName, code = '' } of Object.values(files))
        for (const name of absent)
          if (new RegExp(`\\(["'\`]${name}["'\`],`).test(code))
            throw new Error(`Cannot build: ${fileName} throws ${name}, whose message ${entry} does not have`);
    },
  };
};

/** Vite reads a worker's type where its other options are not literal, but not from the template that the minifier makes of it. */
const workerTypes = {
  name: 'worker-types',
  generateBundle(_, files) {
    for (const chunk of Object.values(files))
      if (chunk.code) chunk.code = chunk.code.replaceAll('{type:`module`,', '{type:"module",');
  },
};

/** CommonJS as a module: wrapped, its chunk would import the wrapper from the entry. */
const porterModule = {
  name: 'porter-module',
  transform: {
    filter: { id: /\/porter2\/dist\/index\.js$/ },
    handler(code) {
      const [, body] = code.split("Object.defineProperty(exports, '__esModule', { value: true })");
      if (body?.split('exports.').length !== 2)
        throw new Error('porter2 changed: expected one export, `stem`; adapt scripts/build.mjs');
      return body.replace('exports.stem =', 'export const stem =');
    },
  },
};

/**
 * Leaves imports of other entries as they are. The element alone takes what it uses of shared files into itself: it must not
 * wait for another file before it can be seen, and before it can ask for the ones it needs, all at once.
 */
const keepApart = (entry) => ({
  name: 'keep-apart',
  resolveId(specifier, importer, { kind }) {
    if (!importer || !specifier.startsWith('.')) return null;
    const source = `${relative(root, resolve(dirname(importer), specifier)).replaceAll('\\', '/')}.ts`;
    const late = kind === 'dynamic-import';
    const file = (late ? lateFiles : sharedFiles)[source];
    // With errors of its own it needs its own rpc.ts, too: the other one does not know their class.
    const isOwn = entry === liveWorker;
    if (!file || file === entry || isOwn || (!late && entry.startsWith('nearbit-search'))) return null;
    return { id: outside + file, external: true };
  },
  renderChunk(code, chunk) {
    if (!chunk.fileName.includes('/')) return code.replaceAll(outside, './');
    // Workers lie beside the entries, not beside the chunks that start them.
    return code
      .replaceAll(outside, '../')
      .replaceAll(/new URL\((["'`])\.\/(?=[\w-]+\.worker\.js)/g, 'new URL($1../');
  },
});
/** Stands for the folder of dist/ until it is known where the importing file lies. */
const outside = 'nearbit-dist:';

async function bundleForBrowser(file, input, folder) {
  const bundle = await rolldown({
    input: { [file.replace(/\.js$/, '')]: input },
    platform: 'browser',
    external: optionalPeers,
    resolve: { conditionNames: runtimeConditions },
    plugins: [keepApart(file), browserErrors(file), ortFix, porterModule, unindent, workerTypes],
    // Lets what an entry's late chunks share with it stay in the entry: one file less to wait for.
    preserveEntrySignatures: 'allow-extension',
    transform: { target: 'es2022' },
    checks: { pluginTimings: false },
    onLog,
  });
  await bundle.write({
    dir: folder,
    format: 'es',
    minify: true,
    // ONNX Runtime tells bundlers by comments which of its imports are none of theirs.
    comments: { annotation: file.startsWith('inference'), jsdoc: false, legal: true },
    entryFileNames: '[name].js',
    chunkFileNames,
    codeSplitting: { groups: [{ name: file.replace(/\.js$/, ''), tags: ['$initial'] }] },
  });
  await bundle.close();
}

/** What a browser loads. */
export async function bundleBrowser(folder) {
  await Promise.all(
    Object.entries(browserEntries).map(([file, source]) =>
      bundleForBrowser(file, join(root, source), folder),
    ),
  );
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
    bundleBrowser(made),
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
