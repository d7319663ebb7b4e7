import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { rolldown } from 'rolldown';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Measure } from '../kernel';
import { noise, plain, randomBitmap } from '../oracle.fixture';
import { portableKernel } from '../portable';
import { Crew, type CrewSetup, type ScanThreads } from './crew';
import type { Job, ScanExports } from './job';
import { loadWasmKernels } from './loader';
import { compileShared, createMemory } from './memory';

const folder = mkdtempSync(join(tmpdir(), 'nearbit-crew-'));
const script = join(folder, 'thread.mjs');
const running: Worker[] = [];

beforeAll(async () => {
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'scan.thread.node.ts'),
    platform: 'node',
  });
  await bundle.write({ file: script, format: 'es' });
  await bundle.close();
});
afterEach(() => Promise.all(running.splice(0).map((worker) => worker.terminate())));
afterAll(() => rmSync(folder, { recursive: true }));

const threads: ScanThreads = {
  count: 2,
  start() {
    const worker = new Worker(script);
    running.push(worker);
    return {
      post: (setup: CrewSetup) => worker.postMessage(setup),
      terminate: () => void worker.terminate(),
    };
  },
};

/** More than a million codes of 64 bits, which is what a crew is for. */
const n = 1_100_001;
const codeBytes = 8;
const codes = noise(n * codeBytes, 1);

async function filled(measure: Measure, crew: ScanThreads | null) {
  const { wasm } = await loadWasmKernels(crew);
  const scanner = wasm.kernel!.createScanner({ codeBytes, measure, capacity: n });
  scanner.append(codes.subarray(0, 800_000 * codeBytes));
  scanner.append(codes.subarray(800_000 * codeBytes));
  return scanner;
}

/** Until every thread has begun to answer; before that it only does not help. */
const warm = () => new Promise((done) => setTimeout(done, 300));

describe('a crew of threads', () => {
  for (const measure of ['hamming', 'tables'] as const) {
    it(`finds by ${measure} what one thread finds, whoever gets which chunk`, async () => {
      const [crewed, truth] = [
        await filled(measure, threads),
        portableKernel.createScanner({ codeBytes, measure }),
      ];
      truth.append(codes);
      await warm();
      for (let seed = 0; seed < 12; seed++) {
        const query = measure === 'hamming' ? noise(8, seed) : noise(256, seed).map((byte) => byte % 32);
        const limits = [{}, { filter: randomBitmap(n, 0.4, seed) }, { within: 20 }][seed % 3]!;
        for (const k of [1, 100, 1000]) {
          const expected = plain(await truth.scan(query, k, limits));
          expect(plain(await crewed.scan(query, k, limits))).toEqual(expected);
        }
      }
      crewed.close();
    }, 60_000);
  }

  it('shares the work: every part finds rows of its own', async () => {
    const memory = createMemory(64 + n * codeBytes + 1_000_000, true);
    new Uint8Array(memory.buffer).set(codes, 64);
    const module = compileShared('hamming');
    const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as ScanExports;
    const crew = new Crew(threads, module, memory, exports);
    await warm();
    const job: Job = {
      n,
      rowsAt: 64,
      rowBytes: codeBytes,
      queryAt: 0,
      maskAt: 0,
      k: 1000,
      limit: 65,
      areasAt: 64 + n * codeBytes + 63 - (n % 8) * 8,
    };
    const found = [0, 0, 0];
    for (let scan = 0; scan < 500 && found.includes(0); scan++) {
      for (const [part, count] of crew.scan(job)!.entries()) found[part]! += count;
    }
    expect(found).not.toContain(0);
    crew.close();
  });

  it('scans again alone when a thread takes a chunk and does not come back', async () => {
    let terminated = 0;
    const lost: ScanThreads = {
      count: 1,
      start() {
        // Claims one chunk of whichever scan it meets, and ends.
        const worker = new Worker(
          `require('node:worker_threads').parentPort.once('message', ({ control }) => {
            const fields = new Int32Array(control);
            while (Atomics.add(fields, 1, 1) >= fields[3]) Atomics.wait(fields, 0, fields[0], 1);
          });`,
          { eval: true },
        );
        running.push(worker);
        return { post: (setup: CrewSetup) => worker.postMessage(setup), terminate: () => terminated++ };
      },
    };
    const crewed = await filled('hamming', lost);
    const alone = await filled('hamming', null);
    await warm();
    const query = noise(8, 5);
    const expected = plain(await alone.scan(query, 50));
    for (let scan = 0; scan < 1000 && terminated === 0; scan++) {
      expect(plain(await crewed.scan(query, 50))).toEqual(expected);
    }
    expect(terminated).toBe(1);
    expect(plain(await crewed.scan(query, 50))).toEqual(expected);
  });

  it('goes on without threads that have died', async () => {
    const crewed = await filled('hamming', threads);
    const alone = await filled('hamming', null);
    await warm();
    await Promise.all(running.map((worker) => worker.terminate()));
    const query = noise(8, 5);
    expect(plain(await crewed.scan(query, 50))).toEqual(plain(await alone.scan(query, 50)));
    crewed.close();
    alone.close();
  });

  it('is not called for few codes, and not without threads', async () => {
    const { wasm } = await loadWasmKernels(threads);
    wasm.kernel!.createScanner({ codeBytes, capacity: 999_999 }).close();
    expect(running).toHaveLength(0);
  });

  it('lets its threads go when the scanner closes', async () => {
    const crewed = await filled('hamming', threads);
    await warm();
    const exits = running.map((worker) => new Promise((done) => worker.once('exit', done)));
    crewed.close();
    await Promise.all(exits);
  });
});
