/**
 * Several threads on one scan: each claims the next chunk of rows from a counter, until none is left.
 * In: a job over shared memory. Out: how many rows each part found, in its own area.
 * A thread that wakes late finds the counter used up and costs nothing. One that does not come back in time is given up, and the
 * scan done again without it. Deliberately not here: how a thread is started (workers).
 */
import { endPart, type Job, type ScanExports, startPart } from './job';

/** What a thread needs to join. */
export interface CrewSetup {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  control: SharedArrayBuffer;
  part: number;
}

/** A thread that runs `joinCrew` on what is posted to it. */
export interface ScanThread {
  post(setup: CrewSetup): void;
  terminate(): void;
}

/** How to start threads, and how many beside the scanner's own. */
export interface ScanThreads {
  start: () => ScanThread;
  count: number;
}

/** Fewer codes are scanned sooner than a second thread wakes and finds its memory. */
export const fewestCodes = 1_000_000;
/** Rows claimed at once, a multiple of 64: about 50 microseconds of 384 bits. */
const chunkRows = 32_768;
/** Longest wait for a chunk that another thread has claimed. Units: ms. */
const patienceMs = 1000;

/** Places in the control block, i32 each; a job's numbers follow the last. */
const at = { turn: 0, next: 1, done: 2, chunks: 3, found: 8, job: 72 } as const;
const jobFields = ['n', 'rowsAt', 'rowBytes', 'queryAt', 'maskAt', 'k', 'limit', 'areasAt'] as const;
const controlBytes = 4 * (at.job + jobFields.length);
const mostThreads = at.job - at.found;
/** More than any count of chunks: nothing is to be claimed. */
const nothing = 0x4000_0000;
const closing = -1;

export class Crew {
  readonly #control = new Int32Array(new SharedArrayBuffer(controlBytes));
  readonly #exports: ScanExports;
  readonly #memory: WebAssembly.Memory;
  #threads: ScanThread[] = [];

  constructor(
    threads: ScanThreads,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    exports: ScanExports,
  ) {
    this.#memory = memory;
    this.#exports = exports;
    this.#control[at.next] = nothing;
    const control = this.#control.buffer as SharedArrayBuffer;
    for (let part = 1; part <= Math.min(threads.count, mostThreads - 1); part++) {
      const thread = threads.start();
      this.#threads.push(thread);
      thread.post({ module, memory, control, part });
    }
  }

  /** Parts a job may have. */
  get parts(): number {
    return this.#threads.length + 1;
  }

  /** Does the job; returns how many rows each part found, or null when a thread was lost: then do it alone. */
  scan(job: Job): Int32Array | null {
    const control = this.#control;
    const chunks = Math.ceil(job.n / chunkRows);
    for (const [i, field] of jobFields.entries()) control[at.job + i] = job[field];
    control.fill(0, at.found, at.job);
    control[at.chunks] = chunks;
    Atomics.store(control, at.done, 0);
    Atomics.store(control, at.next, 0);
    Atomics.add(control, at.turn, 1);
    Atomics.notify(control, at.turn);

    takeChunks(control, this.#exports, this.#memory, job, 0, Atomics.add(control, at.next, 1));
    const untilMs = performance.now() + patienceMs;
    for (let done = Atomics.load(control, at.done); done < chunks; done = Atomics.load(control, at.done)) {
      if (Atomics.wait(control, at.done, done, patienceMs) === 'timed-out' || performance.now() > untilMs) {
        this.close();
        return null;
      }
    }
    Atomics.store(control, at.next, nothing);
    return control.slice(at.found, at.found + this.parts);
  }

  /** Lets the threads go. */
  close(): void {
    Atomics.store(this.#control, at.turn, closing);
    Atomics.notify(this.#control, at.turn);
    for (const thread of this.#threads) thread.terminate();
    this.#threads = [];
  }
}

/** A thread's life: waits for a turn, takes what chunks it gets, and waits again. Returns when the crew is closed. */
export function joinCrew({ module, memory, control: shared, part }: CrewSetup): void {
  const control = new Int32Array(shared);
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as ScanExports;
  for (let turn = Atomics.load(control, at.turn); turn !== closing; turn = Atomics.load(control, at.turn)) {
    const chunk = Atomics.add(control, at.next, 1);
    // A claim that succeeds belongs to the job that stands in the control block: it stays until all chunks are done.
    if (chunk < control[at.chunks]!) {
      const job = Object.fromEntries(
        jobFields.map((field, i) => [field, control[at.job + i]]),
      ) as unknown as Job;
      takeChunks(control, exports, memory, job, part, chunk);
    }
    Atomics.wait(control, at.turn, turn);
  }
}

/** Scans the chunk claimed and all that can be claimed after it, and tells what was found before it tells what is done. */
function takeChunks(
  control: Int32Array,
  exports: ScanExports,
  memory: WebAssembly.Memory,
  job: Job,
  part: number,
  first: number,
): void {
  const chunks = control[at.chunks]!;
  let taken = 0;
  for (let chunk = first; chunk < chunks; chunk = Atomics.add(control, at.next, 1)) {
    if (taken++ === 0) startPart(exports, memory, job, part);
    exports.scan(chunk * chunkRows, Math.min(job.n, (chunk + 1) * chunkRows));
  }
  if (taken === 0) return;
  control[at.found + part] = endPart(exports, job, part);
  Atomics.add(control, at.done, taken);
  Atomics.notify(control, at.done);
}
