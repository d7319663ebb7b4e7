/**
 * What a page's process takes, as the operating system counts it: WebAssembly's memory is in no figure of the browser's own.
 * In: a browser with one page. Out: bytes. Linux only.
 */
import { readFileSync } from 'node:fs';
import type { Browser } from '@playwright/test';

/**
 * What the largest renderer alone has written, once the garbage of its page and workers is collected. Units: bytes.
 * The browser's own files, mapped by every process, are not in it: their share changes with the number of processes.
 */
export async function rendererBytes(browser: Browser): Promise<number> {
  const devtools = await browser.newBrowserCDPSession();
  await devtools.send('Memory.simulatePressureNotification', { level: 'critical' });
  const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
  await devtools.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  return Math.max(...renderers.map(({ id }) => writtenBytes(id)));
}

function writtenBytes(pid: number): number {
  const [, kilobytes] =
    /^Private_Dirty:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
