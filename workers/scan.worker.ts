/**
 * A scan thread: helps the index worker with scans of a million codes or more, where memory can be shared.
 * In: one CrewSetup. Deliberately not here: when threads are started (index.worker.ts) and what they do (src/kernels).
 */
import { type CrewSetup, joinCrew } from '../src/kernels/wasm/crew';

addEventListener('message', ({ data }: MessageEvent<CrewSetup>) => joinCrew(data), { once: true });
