/**
 * What a user gets from the registry: the tarball alone, installed in an empty folder, without a network.
 * In: `npm pack`. Out: an index made by the installed command line, and three consumers that search it under the strict policy.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { build as viteBuild } from 'vite';
import webpack from 'webpack';
import { expect, test } from './fixtures';
import { root, searchPage } from './site';

const execute = promisify(execFile);
const maxTarballBytes = 20e6;
let home: string;
let tarballBytes: number;

const pages: Record<string, [title: string, text: string]> = {
  'bread/index.html': [
    'Bread',
    'Knead the dough for ten minutes, let it rise overnight, then bake it in a hot oven.',
  ],
  'tea/index.html': ['Tea', 'Pour boiling water over the leaves and wait three minutes.'],
  'bicycle/index.html': ['Bicycle', 'Pump up the tyres and oil the chain before a long ride.'],
};

/** The consumer's own code: the library's API, with the answer where the test can read it. */
const consumer = `import { openIndex } from 'nearbit';
const index = await openIndex({ source: '/nearbit/' });
const answer = await index.search('how is a loaf made', { tier: 'full' });
document.querySelector('output').textContent = [answer.tier, answer.hits[0]?.url, ...answer.notices].join(' ');
`;
const consumerPage = (script: string) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Consumer</title>
<script type="module" src="${script}"></script></head><body><output></output></body></html>`;

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await writeFile(join(home, path), text);
}

function npm(...args: string[]) {
  const env = { ...process.env, npm_config_offline: 'true', npm_config_loglevel: 'error' };
  return execute('npm', args, { cwd: home, env });
}

async function expectAnswer(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await expect(page.locator('output')).toHaveText('full /bread/');
}

test.beforeAll(async () => {
  test.setTimeout(240_000);
  // Outside the repository, so that nothing is found in its node_modules.
  home = await mkdtemp(join(tmpdir(), 'nearbit-package-'));
  await execute('npm', ['pack', '--pack-destination', home, '--loglevel', 'error'], { cwd: root });
  const [tarball] = await readdir(home);
  tarballBytes = (await stat(join(home, tarball!))).size;
  await put('package.json', JSON.stringify({ private: true, type: 'module' }));
  await npm('install', `./${tarball}`, '--no-audit', '--no-fund');
  for (const [path, [title, text]] of Object.entries(pages))
    await put(
      `site/${path}`,
      `<!doctype html><html lang="en"><title>${title}</title><main><h1>${title}</h1><p>${text}</p></main>`,
    );
  await npm('exec', '--no', '--', 'nearbit', 'index', 'site');
  await put('site/index.html', searchPage);
});
test.afterAll(() => rm(home, { recursive: true, force: true }));

test('the tarball stays within 20 MB, runs nothing when installed and brings no other package', async () => {
  console.log(`tarball: ${tarballBytes.toLocaleString('en')} bytes`);
  expect(tarballBytes).toBeLessThanOrEqual(maxTarballBytes);
  const manifest = JSON.parse(await readFile(join(home, 'node_modules/nearbit/package.json'), 'utf8'));
  expect(manifest.dependencies ?? {}).toEqual({});
  expect(Object.keys(manifest.scripts ?? {}).filter((name) => /install|prepare/.test(name))).toEqual([]);
  const installed = await readdir(join(home, 'node_modules'));
  expect(installed.filter((name) => !name.startsWith('.'))).toEqual(['nearbit']);
});

test('the installed command line answers on the terminal', async () => {
  const { stdout } = await npm(
    'exec',
    '--no',
    '--',
    'nearbit',
    'search',
    'site/nearbit',
    'how is a loaf made',
    '--json',
  );
  const answer = JSON.parse(stdout);
  expect([answer.tier, answer.hits[0].url]).toEqual(['full', '/bread/']);
});

test('the types stand on their own', async () => {
  await put(
    'use.ts',
    `import { openIndex } from 'nearbit';\nimport 'nearbit/element';\nexport const open = openIndex;\n`,
  );
  const options = [
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--module',
    'esnext',
    '--moduleResolution',
    'bundler',
  ];
  const tsc = join(root, 'node_modules/typescript/lib/tsc.js');
  await execute(process.execPath, [tsc, ...options, '--types', '', '--skipLibCheck', 'false', 'use.ts'], {
    cwd: home,
  });
});

test('a plain page searches with one script tag', async ({ page, serve }) => {
  const server = await serve({ mounts: { '/': join(home, 'site') } });
  await page.goto(server.origin);
  await page.getByRole('combobox').fill('how is a loaf made');
  await expect(page.getByRole('option').first()).toContainText('Bread');
});

test('a plain module imports the library from the index folder', async ({ page, serve }) => {
  await put('plain/index.html', consumerPage('./main.js'));
  await put('plain/main.js', consumer.replace("'nearbit'", "'/nearbit/engine/nearbit.js'"));
  const server = await serve({ mounts: { '/': join(home, 'site'), '/app/': join(home, 'plain') } });
  await expectAnswer(page, `${server.origin}/app/`);
});

test('a Vite project bundles it without settings', async ({ page, serve }) => {
  await put('vite/index.html', consumerPage('./main.js'));
  await put('vite/main.js', consumer);
  await viteBuild({
    root: join(home, 'vite'),
    configFile: false,
    base: './',
    logLevel: 'error',
    // The one setting is for the consumer's own top-level await.
    build: { target: 'es2022' },
  });
  const server = await serve({ mounts: { '/': join(home, 'site'), '/app/': join(home, 'vite/dist') } });
  await expectAnswer(page, `${server.origin}/app/`);
});

test('a webpack project bundles it without settings', async ({ page, serve }) => {
  await put('webpack/main.js', consumer);
  await put('webpack/dist/index.html', consumerPage('./main.js'));
  const stats = await new Promise<webpack.Stats>((resolve, reject) => {
    const context = join(home, 'webpack');
    webpack(
      {
        mode: 'production',
        context,
        entry: './main.js',
        output: { path: join(context, 'dist') },
        performance: false,
      },
      (error, done) => (done ? resolve(done) : reject(error)),
    );
  });
  expect(stats.toJson({ all: false, errors: true, warnings: true })).toMatchObject({
    errors: [],
    warnings: [],
  });
  const server = await serve({ mounts: { '/': join(home, 'site'), '/app/': join(home, 'webpack/dist') } });
  await expectAnswer(page, `${server.origin}/app/`);
});
