/**
 * Prints what readers download, part by part, and fails when a budget is overrun.
 * In: dist/ as scripts/build.mjs left it. Out: a table of bytes (raw, gzip, brotli); exit code 1 when over.
 * A file that two others load counts once: that is what a reader downloads.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { brotliCompressSync, gzipSync, constants as zlib } from 'node:zlib';
import { root } from './ready.mjs';

const dist = join(root, 'dist');

/** A chunk by its name without the hash; several workers may have one of a name. `importer`: whose it is. */
function chunk(name, importer) {
  const [, file] =
    new RegExp(`(${name}-[\\w-]+\\.js)`).exec(readFileSync(join(dist, importer), 'utf8')) ?? [];
  if (!file)
    throw new Error(`Cannot measure: expected a chunk ${name} in ${importer}, found none; run npm run build`);
  return join('chunks', file);
}

const kernels = chunk('choose', 'index.worker.js');

/** `alone`: what a page loads that uses nothing else. Units of `limit`: bytes after `coding`. */
const budgets = [
  {
    name: 'instant tier',
    why: 'element with reader; stemmer and stop words apart',
    files: ['nearbit-search-instant.js'],
    limit: 25 * 1024,
    coding: 'gzip',
    alone: true,
  },
  {
    name: 'lexical tier',
    why: 'element, client, index worker',
    files: ['nearbit-search.js', 'nearbit.js', 'index.worker.js'],
    limit: 30 * 1024,
  },
  {
    name: 'kernels, more',
    why: 'load with the first embedding: WASM and portable, threads',
    files: [kernels, 'scan.worker.js'],
    limit: 11 * 1024,
  },
  {
    name: 'GPU kernel, more',
    why: 'loads where a scan is long',
    files: [chunk('kernel', kernels)],
    limit: 4 * 1024,
  },
  {
    name: 'full tier, more',
    why: 'tokenizer and ONNX Runtime API',
    files: ['inference.worker.js'],
    limit: 32 * 1024,
  },
  {
    name: 'live index',
    why: 'client and worker; kernels, model and the parser of HTML apart',
    files: ['nearbit.js', chunk('open-live', 'nearbit.js'), 'live.worker.js'],
    limit: 64 * 1024,
    alone: true,
  },
];

const measured = new Map();

function measure(file) {
  const known = measured.get(file);
  if (known) return known;
  const bytes = readFileSync(join(dist, file));
  // Quality 11 takes minutes on the binaries, which have no budget.
  const quality = bytes.length > 1e6 ? 6 : 11;
  const size = {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, {
      params: { [zlib.BROTLI_PARAM_QUALITY]: quality, [zlib.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }).length,
  };
  measured.set(file, size);
  return size;
}

function list(folder) {
  return existsSync(join(dist, folder))
    ? readdirSync(join(dist, folder)).map((name) => join(folder, name))
    : [];
}

/** A file and the chunks it cannot start without. */
function withImports(file, found = new Set()) {
  found.add(file);
  const code = readFileSync(join(dist, file), 'utf8');
  for (const [, specifier] of code.matchAll(/(?:\bfrom|\bimport)\s*["'](\.[^"']+)["']/g)) {
    const imported = join(dirname(file), specifier);
    if (!found.has(imported)) withImports(imported, found);
  }
  return [...found];
}

function printRow(name, { raw, gzip, brotli }) {
  const cells = [raw, gzip, brotli].map((bytes) => bytes.toLocaleString('en').padStart(12));
  console.log(`${name.padEnd(44)}${cells.join('')}`);
}

const scripts = readdirSync(dist).filter((name) => name.endsWith('.js'));
console.log(
  `${'bytes of dist/'.padEnd(44)}${['raw', 'gzip', 'brotli'].map((head) => head.padStart(12)).join('')}`,
);
for (const file of [...scripts, ...list('chunks'), ...list('runtime')]) printRow(file, measure(file));

console.log();
/** A later tier pays only for what the earlier ones have not loaded. */
const loaded = new Set();
for (const { name, why, files, limit, coding = 'brotli', alone = false } of budgets) {
  const needed = new Set(files.flatMap((entry) => withImports(entry)));
  const bytes = [...needed].reduce((sum, file) => sum + (loaded.has(file) ? 0 : measure(file)[coding]), 0);
  if (!alone) for (const file of needed) loaded.add(file);
  const over = bytes > limit;
  if (over) process.exitCode = 1;
  const verdict = over ? `OVER by ${(bytes - limit).toLocaleString('en')}` : 'ok';
  const sum = `${bytes.toLocaleString('en')} of ${limit.toLocaleString('en')} bytes ${coding}`;
  console.log(`${name} (${why}): ${sum}: ${verdict}`);
}
