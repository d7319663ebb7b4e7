/**
 * A Chromium of the test's own, with a profile on disk, that can be killed with all its processes at once.
 * In: a profile's folder. Out: a Playwright browser, and `kill`. POSIX only: a process group is what is killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { type Browser, type BrowserContext, chromium } from '@playwright/test';
import { launchOptions, readyChromium } from '../../scripts/ready.mjs';

/** Ended processes that nobody has taken note of look alive: they are not waited for any longer. */
const endMs = 3000;

export interface OwnBrowser {
  browser: Browser;
  /** That of the profile. */
  context: BrowserContext;
  /** Ends every process of it where it stands. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export async function openOwnBrowser(profile: string): Promise<OwnBrowser> {
  const { args } = launchOptions('--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`);
  // A group of its own, so that one signal reaches all of it.
  const child = spawn(readyChromium(), [...args, 'about:blank'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  const kill = async () => {
    process.kill(-child.pid!, 'SIGKILL');
    await ended;
    // A process of the group that is still ending would hold files that the next browser opens.
    for (const until = Date.now() + endMs; isAlive(-child.pid!) && Date.now() < until; ) await pause(5);
  };
  try {
    const browser = await chromium.connectOverCDP(await addressOf(child));
    return {
      browser,
      context: browser.contexts()[0]!,
      async kill() {
        await kill();
        await browser.close();
      },
      async close() {
        const devtools = await browser.newBrowserCDPSession();
        await devtools.send('Browser.close');
        await ended;
      },
    };
  } catch (error) {
    await kill();
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Errors: when the browser ends without saying where it can be reached. */
async function addressOf(child: ChildProcess): Promise<string> {
  const lines = createInterface({ input: child.stderr! });
  const said: string[] = [];
  for await (const line of lines) {
    const address = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address) {
      // What else it says is of no interest, but must be taken, or it would wait.
      child.stderr!.resume();
      return address;
    }
    said.push(line);
  }
  throw new Error(`Cannot start Chromium: expected its address, received ${said.join('\n')}`);
}
