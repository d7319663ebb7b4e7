/** What figures depend on and a reader cannot guess: the machine, its load, Node and Chromium. */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { findChromium } from '../scripts/ready.mjs';

/** `load`: processes that wanted to run, on average over the last minute; above `cores` the machine was busy with others. */
export function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    load: Number(loadavg()[0].toFixed(1)),
    node: process.versions.node,
    chromium: chromiumVersion(),
  };
}

function chromiumVersion() {
  const path = findChromium();
  if (!path) return 'no Chromium';
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return stdout?.match(/\S+ [\d.]+/)?.[0] ?? 'Chromium of unknown version';
}
