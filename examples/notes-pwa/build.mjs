/**
 * `npm run notes`: builds this app into build/notes-pwa and serves it. Without `--serve` it only builds.
 * In: dist/ (made when it is missing), this folder. Out: page, engine, model and service worker, with every file that works
 * without a network named in it. In an app of your own, the three steps marked below are all that nearbit adds.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';

const here = import.meta.dirname;
const root = join(here, '../..');
const cli = join(root, 'dist/node/cli.js');
const execute = promisify(execFile);

/** Files that are served as they are. */
const pageFiles = ['index.html', 'notes.css', 'app.webmanifest', 'icon.svg', 'icon-192.png', 'icon-512.png'];

async function nearbit(...args) {
  const { stdout, stderr } = await execute(process.execPath, [cli, ...args], { maxBuffer: 2 ** 26 });
  return { stdout, stderr };
}

async function bundle(input, file, options, output = {}) {
  const made = await rolldown({ input: join(here, input), platform: 'browser', ...options });
  await made.write({ file, format: 'es', minify: true, codeSplitting: false, ...output });
  await made.close();
}

/** `version`: what tells builds apart, for tests of the update. */
export async function buildNotes({ out = join(root, 'build/notes-pwa'), version = '' } = {}) {
  if (!existsSync(cli)) await execute(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root });
  mkdirSync(out, { recursive: true });
  // What an earlier build left and this one does not make.
  for (const file of ['sw.js', 'app.js']) rmSync(join(out, file), { force: true });

  // 1. Model and engine, beside the page.
  await nearbit('model', join(out, 'nearbit'));

  for (const file of pageFiles) copyFileSync(join(here, file), join(out, file));
  const engine = { paths: { nearbit: './nearbit/engine/nearbit.js' } };
  await bundle('src/app.ts', join(out, 'app.js'), { external: ['nearbit'] }, engine);

  // 2. What must be there when the network is not: nearbit's files, and the page's own.
  const { stdout, stderr } = await nearbit(
    ...['inspect', join(out, 'nearbit'), '--precache', '--json', '--base', 'nearbit/'],
  );
  const own = [...pageFiles, 'app.js'].map((file) => {
    const bytes = readFileSync(join(out, file));
    const revision = createHash('sha256').update(bytes).update(version).digest('hex').slice(0, 32);
    return { url: file, revision, bytes: bytes.length };
  });
  const files = [...own, ...JSON.parse(stdout)];

  // 3. The list goes into the service worker, where workbox expects it.
  await bundle('sw.ts', join(out, 'sw.js'), {
    transform: {
      define: {
        'self.__WB_MANIFEST': JSON.stringify(files),
        'process.env.NODE_ENV': '"production"',
      },
    },
  });
  return { out, files, stderr };
}

if (process.argv[1] === import.meta.filename) {
  const { out, files, stderr } = await buildNotes();
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  process.stderr.write(stderr);
  console.log(
    `Built ${out}: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB, are kept for use without a network`,
  );
  if (process.argv.includes('--serve')) {
    const server = spawn(process.execPath, [cli, 'serve', out, '--port', '8090'], { stdio: 'inherit' });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
    server.on('exit', (code) => {
      process.exitCode = code ?? 0;
    });
  }
}
