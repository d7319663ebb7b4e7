/**
 * The native yardstick as a process: compiled here, fed one command a line, so that it can take turns with WASM.
 * In: scan.c, a C compiler. Out: medians and checksums, or the reason why there are none.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** `ms`: median of the scans; `checksum`: of all their lists, as `checksumOf` in ../kernels/data.ts makes it. */
export interface NativeAnswer {
  instructions: 'AVX-512' | 'AVX2' | 'scalar';
  ms: number;
  checksum: number;
}

export interface Native {
  /** Scans `reps` times; queries rotate over 64. Units: bits a multiple of 64, up to 1,024. */
  scan(shape: { n: number; bits: number; k: number; reps: number }): Promise<NativeAnswer>;
  close(): Promise<void>;
}

const source = fileURLToPath(new URL('scan.c', import.meta.url));
const folder = fileURLToPath(new URL('../../build/bench', import.meta.url));
const compilers = ['cc', 'gcc', 'clang'];

/** Compiles on each call, which takes a second: the binary is for this very CPU. */
export function openNative(): Native | { reason: string } {
  const binary = join(folder, process.platform === 'win32' ? 'native-scan.exe' : 'native-scan');
  mkdirSync(folder, { recursive: true });
  const failures: string[] = [];
  for (const compiler of compilers) {
    const done = spawnSync(compiler, ['-O3', '-march=native', '-o', binary, source], { encoding: 'utf8' });
    if (done.status === 0) return startNative(binary);
    if (!done.error) failures.push(`${compiler}: ${done.stderr.trim().split('\n')[0]}`);
  }
  return { reason: failures[0] ?? 'no C compiler' };
}

function startNative(binary: string): Native {
  const child = spawn(binary, { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async scan({ n, bits, k, reps }) {
      child.stdin.write(`scan ${n} ${bits} ${k} ${reps}\n`);
      const { value } = await answers.next();
      const answer: NativeAnswer | { error: string } = JSON.parse(value ?? '{"error":"the process ended"}');
      if ('error' in answer)
        throw new Error(`Cannot scan natively: expected an answer, received ${answer.error}`);
      return answer;
    },
    async close() {
      const ended = once(child, 'close');
      child.stdin.end();
      await ended;
    },
  };
}
