/**
 * End to end: the built package, a real index, a real Chromium, a static server for each test (e2e/fixtures.ts).
 * One worker, because every test loads a model and timings are asserted.
 */
import { defineConfig } from '@playwright/test';
import { launchOptions } from './scripts/ready.mjs';

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'build/test-results',
  globalSetup: './e2e/prepare.ts',
  timeout: 90_000,
  expect: { timeout: 20_000 },
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['json', { outputFile: 'build/reports/e2e.json' }]],
  use: {
    browserName: 'chromium',
    headless: true,
    launchOptions: launchOptions(),
  },
});
