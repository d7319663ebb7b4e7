/**
 * Loads the peers' packages from bench/peers/node_modules, where the resolution from this folder does not look.
 * In: a file of a package. Out: its module.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { versionOf } from '../peers/install';

const installed = new URL('../peers/node_modules/', import.meta.url);

/** Errors: when npm could not install the package. */
export async function importPackage<Module>(file: string): Promise<Module> {
  const url = new URL(file, installed);
  if (!existsSync(url)) throw new Error('npm could not install it');
  return import(/* @vite-ignore */ url.href);
}

/** Names and versions of packages, those of the repository itself included. */
export function versionsOf(packages: readonly string[]): string {
  return packages
    .map((name) => (versionOf(name) === 'absent' ? ownVersionOf(name) : versionOf(name)))
    .join(' + ');
}

function ownVersionOf(name: string): string {
  const require = createRequire(import.meta.url);
  for (const folder of require.resolve.paths(name) ?? []) {
    const path = `${folder}/${name}/package.json`;
    if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')).version;
  }
  return 'absent';
}
