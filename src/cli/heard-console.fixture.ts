/**
 * What a command says, for tests that run it in their own process.
 * In: nothing. Out: the lines of console.log and console.error from now on; progress on stderr is kept quiet.
 */
import { vi } from 'vitest';

/** Ends with `vi.restoreAllMocks`. */
export function hearConsole(): { out: string[]; err: string[] } {
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((text) => void out.push(String(text)));
  vi.spyOn(console, 'error').mockImplementation((text) => void err.push(String(text)));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  return { out, err };
}
