/** Installs the peers into bench/peers/node_modules, which the repository's own install never touches. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hasPackages } from '../../scripts/ready.mjs';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Installs them unless they are there. Where npm fails, it says why, and a peer that is absent fails in its own row. */
export function readyPeers(): void {
  if (hasPackages(folder)) return;
  console.error('Installing the peers with npm ci, about 300 MB');
  const npm = process.env.npm_execpath;
  const [command, args] = npm ? [process.execPath, [npm, 'ci']] : ['npm', ['ci']];
  spawnSync(command, args, { cwd: folder, stdio: ['ignore', 2, 2] });
}

/** The installed version of a peer's package, or `absent`. */
export function versionOf(name: string): string {
  const path = fileURLToPath(new URL(`node_modules/${name}/package.json`, import.meta.url));
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).version : 'absent';
}
