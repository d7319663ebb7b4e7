/**
 * The worker in which a peer runs through the course of live.bench.ts.
 * In: `{ peer, passages, queries }`, then `{ call, args }`. Out: `{ value }` or `{ failure }` for each message, in order.
 */
import type { Contestant } from '../../live/contestant';
import { type Course, courseOf } from '../../live/course';
import type { SourcePassage } from '../../live/documents';

/** Imported when asked for: a peer that cannot be loaded spoils its own row only. */
const peers: Record<string, () => Promise<Contestant>> = {
  'entity-db': async () => (await import('./entity-db')).entityDb(),
  minisearch: async () => (await import('./minisearch')).miniSearch(),
  orama: async () => (await import('./orama')).orama('binary'),
  'orama-json': async () => (await import('./orama')).orama('json'),
  'pglite-idb': async () => (await import('./pglite')).pglite('idb://bench'),
  'pglite-opfs': async () => (await import('./pglite')).pglite('opfs-ahp://bench'),
};

export type PeerMessage =
  | { peer: string; passages: SourcePassage[]; queries: string[] }
  | { call: keyof Course; args: never[] };

let course: Course;

async function answer(message: PeerMessage): Promise<unknown> {
  if ('call' in message) return (course[message.call] as (...args: never[]) => unknown)(...message.args);
  course = courseOf(await peers[message.peer]!(), message.passages, message.queries);
  return null;
}

self.onmessage = ({ data }: MessageEvent<PeerMessage>) => {
  answer(data).then(
    (value) => self.postMessage({ value }),
    (error) => self.postMessage({ failure: String(error instanceof Error ? error.message : error) }),
  );
};
