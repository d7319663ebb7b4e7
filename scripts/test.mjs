/**
 * `npm test`: installs what is missing, then format → lint → types → build → size → unit → browser → e2e, cheapest first.
 * In: the working tree. Out: every stage's own output, then one line `N passed, N failed`; exit code 1 when any failed.
 * A stage without single tests counts as one test. A later stage runs although an earlier one failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readyChromium, readyPackages, root } from './ready.mjs';

const reports = join(root, 'build/reports');
const bin = (path) => join(root, 'node_modules', path);
const biome = bin('@biomejs/biome/bin/biome');
const vitest = bin('vitest/vitest.mjs');
const unitReport = join(reports, 'unit.json');
const browserReport = join(reports, 'browser.json');
const e2eReport = join(reports, 'e2e.json');

const vitestArgs = (project, report) => [
  ...['run', '--project', project],
  ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
];

const stages = [
  { name: 'format', script: biome, args: ['format', '.'] },
  { name: 'lint', script: biome, args: ['check', '--formatter-enabled=false', '--error-on-warnings', '.'] },
  { name: 'types', script: bin('typescript/lib/tsc.js'), args: ['-p', '.'] },
  { name: 'build', script: join(root, 'scripts/build.mjs'), args: [] },
  { name: 'size', script: join(root, 'scripts/size.mjs'), args: [] },
  { name: 'unit', script: vitest, args: vitestArgs('unit', unitReport), read: () => countVitest(unitReport) },
  {
    name: 'browser',
    script: vitest,
    args: vitestArgs('browser*', browserReport),
    read: () => countVitest(browserReport),
  },
  {
    name: 'e2e',
    script: bin('@playwright/test/cli.js'),
    args: ['test'],
    read: () => countPlaywright(e2eReport),
  },
];

/** A file that fails before its first test counts as one failed test. */
function countVitest(path) {
  const report = JSON.parse(readFileSync(path, 'utf8'));
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function countPlaywright(path) {
  const { stats, errors } = JSON.parse(readFileSync(path, 'utf8'));
  return {
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + errors.length,
    skipped: stats.skipped,
  };
}

function runStage({ script, args, read }) {
  const env = { ...process.env, CI: process.env.CI || '1' };
  const { status } = spawnSync(process.execPath, [script, ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const alone = status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
  if (!read) return alone;
  try {
    const count = read();
    // A runner that ends badly without a failed test (an unhandled error, no test found) is a failure of its own.
    return status !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
  } catch (error) {
    console.error(`No report to count: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

readyPackages();
readyChromium();
rmSync(reports, { recursive: true, force: true });
mkdirSync(reports, { recursive: true });

const total = { passed: 0, failed: 0, skipped: 0 };
const table = [];
for (const stage of stages) {
  console.log(`\n── ${stage.name}`);
  const startedMs = performance.now();
  const count = runStage(stage);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  for (const key of Object.keys(total)) total[key] += count[key];
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
  const line = `${stage.name}: ${count.passed} passed, ${count.failed} failed${skipped} (${seconds} s)`;
  table.push(line);
  console.log(line);
}

console.log(`\n${table.join('\n')}\n`);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;
