/** A scan thread of Node. Nothing of the package starts one: commands answer one query. Tests and benches do. */
import { parentPort } from 'node:worker_threads';
import { joinCrew } from './crew';

parentPort?.once('message', joinCrew);
