/**
 * `npm run bench -- <name> [--json] [options]`: runs one bench and prints its figures.
 * In: bench/<name>.bench.ts, which exports `question`, `options` (as parseArgs takes them) and `run(values)`.
 * Out: a table for people, or one JSON object. A missed bar is printed, not an exit code: machines differ.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createServer } from 'vite';
import { machine } from './machine.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));
const names = readdirSync(folder).flatMap((file) => file.match(/^(.+)\.bench\.ts$/)?.[1] ?? []);
const [name, ...args] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(
    `Cannot run a bench: expected one of ${names.join(', ')}, received ${name ?? 'nothing'}; see bench/README.md`,
  );
  process.exit(2);
}

// Vite serves nothing here: it is what lets this Node import TypeScript.
const vite = await createServer({
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
});
const bench = await vite.ssrLoadModule(join(folder, `${name}.bench.ts`));
const { values } = parseArgs({ args, options: { json: { type: 'boolean' }, ...bench.options } });
const before = machine();
const { corpus, figures } = await bench.run(values);
// What came while the bench ran belongs to the figures as much as what was there before.
const surroundings = { ...before, loadAfter: machine().load };
await vite.close();

if (values.json) {
  console.log(JSON.stringify({ bench: name, machine: surroundings, corpus, figures }));
} else {
  const { cpu, cores, memoryGb, node, chromium, load, loadAfter } = surroundings;
  console.log(bench.question);
  console.log(
    `machine: ${cpu}, ${cores} cores, ${memoryGb} GB; load average ${load} before, ${loadAfter} after`,
  );
  console.log(`browser: ${chromium}; Node ${node}`);
  console.log(`corpus:  ${corpus}\n`);
  const width = Math.max(...figures.map((figure) => figure.name.length));
  for (const figure of figures) console.log(`${figure.name.padEnd(width)}  ${cell(figure)}`);
}

function cell({ value, unit, atMost, atLeast }) {
  const shown =
    typeof value === 'number' ? value.toLocaleString('en', { maximumSignificantDigits: 4 }) : value;
  const bar = atMost ?? atLeast;
  if (bar === undefined) return `${shown} ${unit}`;
  const met = atMost === undefined ? value >= bar : value <= bar;
  return `${shown} ${unit} (bar: ${atMost === undefined ? '≥' : '≤'} ${bar}: ${met ? 'met' : 'MISSED'})`;
}
