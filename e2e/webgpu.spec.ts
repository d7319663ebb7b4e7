/**
 * The model on a graphics adapter, here the one that Chromium emulates in software.
 * In: a page that asks for WebGPU. Out: the answer of every other runtime, and a status that says what ran.
 */
import { launchOptions } from '../scripts/ready.mjs';
import { expect, test } from './fixtures';
import { answerUrl, askOnce, openLibrary } from './library';
import { siteMounts } from './site';

test.use({ launchOptions: launchOptions('--enable-unsafe-webgpu') });

test('the model runs on WebGPU when a page asks for it', async ({ page, serve }) => {
  test.setTimeout(180_000);
  const server = await serve({ mounts: siteMounts });
  await openLibrary(page, server.origin);
  const { answer, status } = await askOnce(page, { runtime: 'webgpu' });
  expect(status.runtime).toMatchObject({ runtime: 'webgpu', weights: 'onnx/model_q4.onnx' });
  expect(answer.hits[0]!.url).toBe(answerUrl);
});
