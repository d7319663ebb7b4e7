/**
 * The house's rules that no compiler checks: who may import whom, one adapter for each package, small files.
 * In: the sources as text. Out: the offending lines, by name.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

/** A room may import itself and any room before it. */
const order = [
  'fields',
  'types',
  'errors',
  'version',
  'kernels',
  'text',
  'embed',
  'codes',
  'lexical',
  'segment',
  'store',
  'rerank',
  'search',
  'instant',
  'distil',
  'build',
  'live',
  'workers',
  'client',
  'ui',
  'index',
  'eval',
  'cli',
  'demo',
];
/** Leaves: nothing imports them, but for the command line, which is how one evaluates. */
const importersOfLeaves: Record<string, string[]> = { index: ['demo'], eval: ['cli'], cli: [], demo: [] };

/** Packages that only tests use, or that tests compare with. */
const testPackages = [
  'vitest',
  '@vitest/browser',
  'fast-check',
  'fake-indexeddb',
  '@huggingface/transformers',
  'rolldown',
];

const maxLines = 330;

interface Source {
  path: string;
  room: string;
  isTest: boolean;
  lines: string[];
  imports: string[];
}

function filesBelow(folder: string, pattern: RegExp): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((path) => !/(^|\/)(node_modules|fixtures)\//.test(path));
}

/** Every specifier a file imports, statically or not, types included, and the workers it starts. */
function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
  const forms = [
    /^\s*(?:import|export)\b[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"]([^'"]+)['"]/g,
  ];
  return forms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1]!));
}

function roomOf(path: string): string {
  return path
    .replace(/^src\//, '')
    .replace(/(\.browser)?(\.test)?\.ts$/, '')
    .split('/')[0]!;
}

const sources: Source[] = ['src', 'workers', 'demo']
  .flatMap((folder) => filesBelow(folder, /\.ts$/))
  .map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const isTest = /\.(test|suite|fixture)\.ts$/.test(path);
    return { path, room: roomOf(path), isTest, lines: text.split('\n'), imports: importsOf(text) };
  })
  .filter(({ path }) => path !== 'src/layers.test.ts');

const isRelative = (specifier: string) => specifier.startsWith('.');

/** ONNX Runtime's entries are builds of their own, so each counts as a package. */
function packageOf(specifier: string): string {
  if (specifier.startsWith('onnxruntime-web')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

test('every source belongs to a room of the house', () => {
  expect(sources.filter(({ room }) => !order.includes(room)).map(({ path }) => path)).toEqual([]);
  expect(sources.length).toBeGreaterThan(20);
});

test('a room imports itself and rooms before it, and nothing imports a leaf', () => {
  const offences: string[] = [];
  for (const { path, room, isTest, imports } of sources) {
    for (const specifier of imports.filter(isRelative)) {
      const target = roomOf(posix.join(posix.dirname(path), specifier));
      // A test may make what its room reads (an index to search), but depends on no leaf.
      if (target === room || (isTest && !importersOfLeaves[target])) continue;
      const allowed =
        importersOfLeaves[target]?.includes(room) ?? order.indexOf(target) < order.indexOf(room);
      if (!allowed) offences.push(`${path} imports ${specifier}`);
    }
  }
  expect(offences).toEqual([]);
});

test('each third-party package is imported by one file, its adapter', () => {
  const importers = new Map<string, Set<string>>();
  for (const { path, isTest, imports } of sources) {
    for (const specifier of imports) {
      if (isRelative(specifier) || specifier.startsWith('node:')) continue;
      const name = packageOf(specifier);
      if (isTest && testPackages.includes(name)) continue;
      importers.set(name, (importers.get(name) ?? new Set()).add(path));
    }
  }
  const shared = [...importers].filter(([, paths]) => paths.size > 1);
  expect(shared.map(([name, paths]) => `${name}: ${[...paths].join(', ')}`)).toEqual([]);
});

test('a file for Node alone says so by its name or its room', () => {
  const offences = sources.filter(
    ({ path, room, isTest, imports }) =>
      !isTest &&
      room !== 'cli' &&
      !path.endsWith('.node.ts') &&
      imports.some((name) => name.startsWith('node:')),
  );
  expect(offences.map(({ path }) => path)).toEqual([]);
});

test(`no file is longer than ${maxLines} lines`, () => {
  const others = ['scripts', 'e2e', 'bench', 'models/make'].flatMap((folder) =>
    filesBelow(folder, /\.(ts|mjs|py)$/),
  );
  const paths = [...sources.map(({ path }) => path), ...others].filter(
    (path) => !path.includes('.generated.'),
  );
  const long = paths.filter((path) => readFileSync(join(root, path), 'utf8').split('\n').length > maxLines);
  expect(long).toEqual([]);
});

test('no file names a folder of the machine it was written on', () => {
  const folders = ['src', 'workers', 'demo', 'scripts', 'e2e', 'bench', 'models'];
  const paths = [
    ...folders.flatMap((folder) => filesBelow(folder, /\.(ts|mjs|md|py|json|html|css)$/)),
    ...readdirSync(root).filter((name) => /\.(ts|json|md|html)$/.test(name)),
  ];
  const here = [root, `${homedir()}/`];
  const named = (path: string) =>
    here.some((folder) => readFileSync(join(root, path), 'utf8').includes(folder));
  expect(paths.filter(named)).toEqual([]);
});

test('the lockfile names no registry, and every platform that a package has a build for', () => {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
  expect(text).not.toContain('"resolved"');
  const locked: Record<string, { optionalDependencies?: Record<string, string> }> = JSON.parse(text).packages;
  const names = new Set(Object.keys(locked).map((path) => path.replace(/^.*node_modules\//, '')));
  const wanted = Object.values(locked).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
  // Without these, `npm ci` refuses the file.
  expect(wanted.filter((name) => !names.has(name))).toEqual([]);
});
