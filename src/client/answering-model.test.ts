import { beforeEach, expect, test } from 'vitest';
import type { ModelAtHand } from '../live/live-types';
import type { LiveModel } from '../segment/live-shape';
import { AnsweringModel, type KnownModel } from './answering-model';
import type { ModelState, QueryModel } from './query-model';

const madeBy = (name: string, folder: string | null = `https://site.example/${name}/`): LiveModel => ({
  name,
  dim: 8,
  pooling: 'mean',
  maxTokens: 64,
  queryPrefix: '',
  passagePrefix: '',
  cosineSd: 0.1,
  documentWeights: '',
  files: {},
  canaries: [],
  folder,
});

class FakeModel extends EventTarget implements QueryModel {
  state: ModelState = 'idle';
  reason = '';
  runtime = null;
  refused = [];
  ms = null;
  closed = false;
  readonly asked: string[] = [];

  constructor(readonly name: string) {
    super();
  }

  async load() {
    this.state = 'ready';
    this.dispatchEvent(new Event('change'));
  }

  async embed(text: string) {
    await this.load();
    this.asked.push(text);
    return new Float32Array(8);
  }

  async embedPassages(texts: string[]) {
    this.asked.push(...texts);
    return new Float32Array(8 * texts.length);
  }

  async build(): Promise<never> {
    throw new Error('not here');
  }

  close() {
    this.closed = true;
  }
}

const never = new AbortController().signal;
const known = (model: LiveModel): Promise<ModelAtHand> => Promise.resolve({ model, frame: null });

let current: FakeModel;
let old: FakeModel;
let opened: string[];
/** What the old folder holds by now. */
let oldAtHand: () => Promise<ModelAtHand>;
let answering: AnsweringModel;
/** What the index says of its embeddings. */
let made: LiveModel | null;
let changes: number;

beforeEach(() => {
  current = new FakeModel('new');
  old = new FakeModel('old');
  opened = [];
  oldAtHand = () => known(madeBy('old'));
  changes = 0;
  made = null;
  answering = new AnsweringModel(
    { model: current, atHand: known(madeBy('new')) },
    () => made,
    (url): KnownModel => {
      opened.push(url);
      return { model: old, atHand: oldAtHand() };
    },
  );
  answering.addEventListener('change', () => changes++);
});

test('while nothing is embedded, and where the model at hand made the embeddings, it answers', async () => {
  await answering.embed('a', never);
  made = madeBy('new');
  await answering.embed('b', never);
  expect([current.asked, opened]).toEqual([['a', 'b'], []]);
  expect(answering.state).toBe('ready');
});

test('embeddings of an older model are searched with that model, from its folder', async () => {
  made = madeBy('old');
  await answering.embed('a', never);
  expect([old.asked, current.asked, opened]).toEqual([['a'], [], ['https://site.example/old/']]);
  await answering.embedPassages(['passage'], never);
  expect(current.asked).toEqual(['passage']);
});

test('when everything is embedded anew, the model at hand takes over and the older one is closed', async () => {
  made = madeBy('old');
  await answering.load();
  expect([old.state, current.state]).toEqual(['ready', 'idle']);
  const before = changes;
  made = madeBy('new');
  await answering.embed('a', never);
  expect([current.asked, old.closed]).toEqual([['a'], true]);
  expect(changes).toBeGreaterThan(before);
});

test('a query that was embedded while the model changed is embedded again', async () => {
  made = madeBy('old');
  await answering.load();
  const query = answering.embed('a', never);
  made = madeBy('new');
  await query;
  expect(current.asked).toEqual(['a']);
});

test('an older model that cannot be read leaves words alone, and says why', async () => {
  oldAtHand = () => Promise.reject(new TypeError('no network'));
  made = madeBy('old');
  await expect(answering.load()).rejects.toMatchObject({ code: 'model-mismatch' });
  expect(answering.state).toBe('failed');
  expect(answering.reason).toBe(
    'the embeddings were made by old, and https://site.example/old/ cannot be read (no network); words answer alone until reembed() is done',
  );
  expect(old.closed).toBe(true);
  await answering.embedPassages(['passage'], never);
  expect(current.asked).toEqual(['passage']);
});

test('a folder that holds another model by now is not taken for the older one', async () => {
  oldAtHand = () => known(madeBy('newest'));
  made = madeBy('old');
  await expect(answering.embed('a', never)).rejects.toMatchObject({ code: 'model-mismatch' });
  expect(answering.reason).toContain('https://site.example/old/ holds another model now');
});

test('embeddings that no folder can make again leave words alone', async () => {
  made = madeBy("the app's own embeddings", null);
  await expect(answering.embed('a', never)).rejects.toMatchObject({ code: 'model-mismatch' });
  expect([answering.state, opened]).toEqual(['failed', []]);
});

test('a model at hand that is not known is left to fail by itself', async () => {
  const failing = new AnsweringModel(
    { model: current, atHand: Promise.reject(new Error('gone')) },
    () => madeBy('old'),
    () => {
      throw new Error('not to be opened');
    },
  );
  await failing.load();
  expect(failing.state).toBe('ready');
});

test('it tells of its own accord once it has looked', async () => {
  oldAtHand = () => Promise.reject(new TypeError('no network'));
  made = madeBy('old');
  answering.look();
  await expect.poll(() => answering.state).toBe('failed');
  expect(changes).toBe(1);
});

test('closing it closes the older model, and leaves the model at hand to its owner', async () => {
  made = madeBy('old');
  await answering.load();
  answering.close();
  expect([old.closed, current.closed]).toEqual([true, false]);
});
