/**
 * Nothing that resolved is lost, whatever ends and when: a worker, or the whole browser at once.
 * In: a live index on a profile on disk, killed 30 times in mid-write. Out: every document as it was left. The long form is
 * `npm run bench -- crash`. Not on the other fixtures: the browsers here are the test's own, to be killed.
 */
import { expect, test } from '@playwright/test';
import { runCrashes } from './crash/crashes';

const seed = 7;
const killsOfEach = 15;

test(`${2 * killsOfEach} kills of worker and browser lose nothing that resolved (seed ${seed})`, async () => {
  test.skip(process.platform === 'win32', 'a process group is what is killed');
  test.setTimeout(240_000);
  const report = await runCrashes({
    workerKills: killsOfEach,
    browserKills: killsOfEach,
    seed,
    durability: 'relaxed',
  });
  expect(report).toMatchObject({
    lost: [],
    unreadable: [],
    kills: { worker: killsOfEach, browser: killsOfEach },
  });
  expect(report.resolved).toBeGreaterThan(killsOfEach);
});
