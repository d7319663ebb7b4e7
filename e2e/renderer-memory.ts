/**
 * What a page's process takes, as the operating system counts it: WebAssembly's memory is in no figure of the browser's own.
 * In: a browser with one page. Out: bytes. Linux only.
 */
import { readFileSync } from 'node:fs';
import type { Browser } from '@playwright/test';

/** Proportional set size of the largest renderer. Units: bytes. */
export async function rendererBytes(browser: Browser): Promise<number> {
  const devtools = await browser.newBrowserCDPSession();
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  await devtools.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  return Math.max(...renderers.map(({ id }) => proportionalBytes(id)));
}

function proportionalBytes(pid: number): number {
  const [, kilobytes] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
