import { expect, test } from 'vitest';
import type { Status } from '../client/status';
import { modelOffer, modelProgress } from './model-progress';

const status = (model: Status['model']) => ({
  model,
  progress: {
    index: { received: 9, total: 9 },
    model: { received: 3, total: 13 },
    runtime: { received: 1, total: 14 },
    build: { received: 7, total: 7 },
  },
});

test('model and runtime are one download, told only while it runs', () => {
  expect(modelProgress(status('loading'))).toEqual({ received: 4, total: 27 });
  for (const state of ['absent', 'idle', 'ready', 'failed'] as const)
    expect(modelProgress(status(state))).toBeNull();
});

test('a model is offered to readers who save data, and again where it failed', () => {
  expect(modelOffer(status('idle'), true)).toBe(27);
  expect(modelOffer(status('idle'), false)).toBeNull();
  expect(modelOffer(status('failed'), false)).toBe(27);
  for (const state of ['absent', 'loading', 'ready'] as const)
    expect(modelOffer(status(state), true)).toBeNull();
});

test('a model of unknown size is not offered: nobody can consent to that', () => {
  const { progress } = status('idle');
  const none = { received: 0, total: 0 };
  const unknown = { model: 'idle' as const, progress: { ...progress, model: none, runtime: none } };
  expect(modelOffer(unknown, true)).toBeNull();
});
