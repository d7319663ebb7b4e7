/**
 * `npm run demo`: installs what is missing, builds, indexes the example site, asks one question, serves the demo page.
 * In: --port <n> (default 8080, or the next free one), --once (stop when the address is printed).
 * Out: build/demo with page, index and example site; a server until Ctrl-C.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readyPackages, root } from './ready.mjs';

const question = 'Stop other sites from showing my page inside theirs';
const out = 'build/demo';
const startedMs = performance.now();

const { values } = parseArgs({
  options: { port: { type: 'string', default: '8080' }, once: { type: 'boolean', default: false } },
});
const wantedPort = Number(values.port);
if (!Number.isInteger(wantedPort) || wantedPort < 1 || wantedPort > 65_535) {
  console.error(
    `Cannot read --port: expected a whole number from 1 to 65535, received ${values.port}; pass another`,
  );
  process.exit(2);
}

function announce(step) {
  console.log(`\n── ${step} (after ${((performance.now() - startedMs) / 1000).toFixed(0)} s)`);
}

function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) {
    console.error(`The demo stops: ${script} ${args[0] ?? ''} failed; its message stands above`);
    process.exit(1);
  }
}

/** True when nothing listens there. */
function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

async function freePort(first) {
  for (let port = first; port < first + 20 && port <= 65_535; port++) if (await isFree(port)) return port;
  throw new Error(`Cannot serve: expected a free port from ${first} on, received none; pass another --port`);
}

/** Serves until a signal comes; with `once`, until the address is printed. */
function serve(port, once) {
  const server = spawn(process.execPath, ['dist/node/cli.js', 'serve', out, '--port', String(port)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
  server.stdout.on('data', (text) => {
    process.stdout.write(text);
    if (once && String(text).includes('http')) server.kill('SIGTERM');
  });
  return new Promise((resolve) => server.on('exit', (code) => resolve(code ?? 0)));
}

readyPackages();

announce('Building the library');
run('scripts/build.mjs');

announce('Indexing the example site: MDN Web Docs, HTTP');
mkdirSync(join(root, out), { recursive: true });
run(
  ...['dist/node/cli.js', 'index', 'examples/mdn-http', '--out', `${out}/nearbit`],
  ...['--base', '/site/', '--cache', 'build/embeddings'],
);

announce('Building the demo page');
for (const stale of ['assets', 'site']) rmSync(join(root, out, stale), { recursive: true, force: true });
cpSync(join(root, 'examples/mdn-http'), join(root, out, 'site'), { recursive: true });
run('node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn');

announce(`Searching: ${question}`);
run('dist/node/cli.js', 'search', `${out}/nearbit`, question, '--limit', '3');

announce('Serving the demo page; Ctrl-C stops');
process.exitCode = await serve(await freePort(wantedPort), values.once);
