import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findChromium, hasPackages, readyChromium } from './ready.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearbit-ready-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('packages', () => {
  const lock = {
    '': { name: 'x' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optional: true },
  };
  function put(locked: object, installed: object | null): void {
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: locked }));
    if (!installed) return;
    mkdirSync(join(folder, 'node_modules'));
    writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));
  }

  test('are missing in a fresh clone', () => {
    put(lock, null);
    expect(hasPackages(folder)).toBe(false);
  });
  test('are ready without those of other platforms', () => {
    put(lock, { 'node_modules/a': { version: '1.0.0' } });
    expect(hasPackages(folder)).toBe(true);
  });
  test('are not ready when the lockfile has moved on', () => {
    put(lock, { 'node_modules/a': { version: '0.9.0' } });
    expect(hasPackages(folder)).toBe(false);
  });
});

describe('Chromium', () => {
  test('is the one that CHROMIUM_PATH names', () => {
    vi.stubEnv('CHROMIUM_PATH', process.execPath);
    expect(findChromium()).toBe(process.execPath);
    expect(readyChromium()).toBe(process.execPath);
  });
  test('is never installed over a CHROMIUM_PATH that is wrong: the message says so', () => {
    vi.stubEnv('CHROMIUM_PATH', join(folder, 'none'));
    expect(() => readyChromium()).toThrow(/expected CHROMIUM_PATH to name an executable/);
  });
  test('is found in the cache of Playwright, the newest revision first', () => {
    vi.stubEnv('CHROMIUM_PATH', '');
    vi.stubEnv('PATH', folder);
    vi.stubEnv('PLAYWRIGHT_BROWSERS_PATH', folder);
    for (const revision of ['chromium-99', 'chromium-1000']) {
      mkdirSync(join(folder, revision, 'chrome-linux64'), { recursive: true });
      writeFileSync(join(folder, revision, 'chrome-linux64/chrome'), '', { mode: 0o755 });
    }
    expect(findChromium()).toBe(join(folder, 'chromium-1000/chrome-linux64/chrome'));
  });
});
