/**
 * Where the worker of a live index comes from; the address is literal and relative to dist/, as in spawn.ts.
 * A file of its own because pages of static sites never start one.
 */
import type { LiveApi } from '../../workers/live-api';
import { type Connection, connect } from '../../workers/rpc';
import type { Events } from './spawn';

export const spawnLive = (events: Events): Connection<LiveApi> =>
  connect(
    () => new Worker(new URL('./live.worker.js', import.meta.url), { type: 'module', name: 'nearbit-live' }),
    { ...events, name: 'live', path: 'live.worker.js' },
  );
