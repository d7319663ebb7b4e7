/** Races peers in Node, each in a process of its own, by a newer Node where a peer needs one. */
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Peer } from './peer';
import type { Race, RaceOptions } from './race';

const entry = fileURLToPath(new URL('in-node.mjs', import.meta.url));
/** A Node as a package, which peers/package.json asks for. */
const newerNode = fileURLToPath(
  new URL(`node_modules/node-${process.platform}-${process.arch}/bin/node`, import.meta.url),
);

/** Errors: what the peer throws, that its process ended, or that it gave no answer within limitMs. */
export function raceInNode(peer: Peer, options: RaceOptions, limitMs: number): Promise<Race> {
  const execPath = nodeFor(peer);
  return new Promise((resolve, reject) => {
    const child = fork(entry, [JSON.stringify([peer.name, options])], {
      execPath,
      execArgv: ['--max-old-space-size=8192'],
      // What peers print goes to stderr: stdout is the report.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`no answer within ${limitMs / 1000} s`));
    }, limitMs);
    child.on('message', (message: { race: Race } | { failure: string }) => {
      if ('race' in message) resolve(message.race);
      else reject(new Error(message.failure));
      child.disconnect();
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`its process ended with ${signal ?? code}`));
    });
  });
}

/** Errors: when neither this Node nor a package has what the peer needs. */
function nodeFor({ needs }: Peer): string {
  if (!needs || builtinModules.includes(needs)) return process.execPath;
  if (existsSync(newerNode)) return newerNode;
  throw new Error(
    `needs ${needs}, which Node ${process.versions.node} lacks, and no package brings a newer Node`,
  );
}
