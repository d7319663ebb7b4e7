/**
 * `npm run relevance -- --data <folder> [options]`: measures the ranking over judged sets and prints its bars.
 * `npm run relevance -- <study> …`: one study more (README.md says which, and what each is given).
 * In: relevance/report.ts or the study, which read the options. Out: what they print; files under the cache folder.
 * Builds dist/ where it is missing: documents are encoded by threads, and a thread's script is a built file.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const studies = ['audits', 'dial', 'fit-weights', 'instant', 'languages', 'no-answer', 'proxies', 'windows'];
const [first, ...rest] = process.argv.slice(2);
const isStudy = studies.includes(first);

const root = fileURLToPath(new URL('..', import.meta.url));
const script = join(root, 'dist/node/encode.thread.js');
if (!existsSync(script)) {
  console.error('Building dist/: the threads that encode documents are missing');
  const built = spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: ['ignore', 2, 2] });
  if (built.status !== 0) process.exit(built.status ?? 1);
}

// Vite serves nothing here: it is what lets this Node import TypeScript.
const vite = await createServer({
  root,
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
});
try {
  const { main } = await vite.ssrLoadModule(join(root, `relevance/${isStudy ? first : 'report'}.ts`));
  await main(isStudy ? rest : process.argv.slice(2));
} catch (error) {
  console.error(error?.name === 'NearbitError' ? error.message : error);
  process.exitCode = 1;
}
await vite.close();
