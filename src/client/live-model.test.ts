import { afterEach, expect, test } from 'vitest';
import { buildDocuments } from '../../workers/build-documents';
import type { Manifest } from '../types';
import { documents, encoder, type FakePlatform, fakePlatform } from './fake-platform.fixture';
import type { LiveIndex } from './live-index';
import { folderOfScript, liveModel } from './live-model';
import type { LiveOptions } from './live-options';
import { NearbitIndex } from './nearbit-index';
import { openIndex } from './open-index';
import { SharedModel } from './shared-model';

const never = new AbortController().signal;
const open: NearbitIndex[] = [];
afterEach(async () => {
  for (const index of open.splice(0)) await index.close();
});

/** What `liveModel` needs of a live index. */
function parts(platform: FakePlatform, bundle: Manifest | null = null) {
  const index = new NearbitIndex({
    ...platform,
    source: { kind: 'http', url: 'https://site.example/nearbit/', cache: false, ahead: false },
    kernels: {},
  });
  open.push(index);
  return { index: index as LiveIndex, bundle, platform };
}

const choose = (options: Partial<LiveOptions>, bundle: Manifest | null = null) => {
  const platform = fakePlatform();
  return { platform, choice: liveModel({ name: 'notes', ...options }, parts(platform, bundle)) };
};

async function builtManifest(): Promise<Manifest> {
  return (await buildDocuments(documents, encoder, {})).index.manifest;
}

test('a script in the engine folder of an index names that folder, any other none', () => {
  expect(folderOfScript('https://site.example/app/nearbit/engine/nearbit-live.js')).toBe(
    'https://site.example/app/nearbit/',
  );
  expect(folderOfScript('https://site.example/engine/chunks/open-live-1.js')).toBe('https://site.example/');
  expect(folderOfScript('https://site.example/assets/index-1.js')).toBeNull();
  expect(folderOfScript('https://site.example/engine/deep/er/x.js')).toBeNull();
  expect(folderOfScript('file:///work/nearbit/engine/nearbit.js')).toBeNull();
});

test('with nothing named, and a script from elsewhere, words answer alone', () => {
  expect(choose({}).choice).toBeNull();
});

test("with the caller's encoder, its known embeddings are what the index remembers of it", async () => {
  const { choice } = choose({ encoder });
  const { model, frame } = await choice!.atHand;
  expect(model).toMatchObject({ name: encoder.card.name, dim: encoder.card.dim, folder: null });
  expect(model.canaries.length).toBeGreaterThan(0);
  expect(frame).toBeNull();
  expect(await choice!.queries.embed('dough', never)).toEqual(await encoder.embed(['dough'], 'query'));
  const rows = await choice!.model.embedPassages(['dough', 'tea'], never);
  expect(rows).toEqual(await encoder.embed(['dough', 'tea'], 'passage'));
});

test('an open index shares its model, which is not closed with the live index', async () => {
  const site = await openIndex({ documents, encoder }, fakePlatform());
  open.push(site);
  const { choice } = choose({ model: site });
  expect(choice!.model).toBe(site.model);
  expect(choice!.owned).toBe(false);
  expect((await choice!.atHand).model.name).toBe(encoder.card.name);
});

test('an open index without a model is refused by name', async () => {
  const site = await openIndex({ documents }, fakePlatform());
  open.push(site);
  expect(() => choose({ model: site })).toThrow(/expected as `model` an open index with a model/);
});

test('a bundle whose encoder is not in its folder leaves words alone, unless that encoder is given', async () => {
  const bundle = await builtManifest();
  const source = 'https://site.example/nearbit/';
  expect(choose({ source }, bundle).choice).toBeNull();
  const { choice } = choose({ source, encoder }, bundle);
  expect((await choice!.atHand).model.canaries).toEqual(bundle.model!.canaries);
});

test('a folder that cannot be read fails when the model is wanted, not when the index is opened', async () => {
  const { choice, platform } = choose({ model: 'https://site.example/nothing/' });
  platform.spawn.index = () => {
    throw new TypeError('no worker');
  };
  expect(choice!.owned).toBe(true);
  await expect(choice!.atHand).rejects.toThrow();
  await expect(choice!.model.load()).rejects.toThrow();
  expect(choice!.queries.state).toBe('failed');
  expect(choice!.queries.reason).not.toBe('');
});

test('a model that nobody asked for and that is not there is absent, until it is', async () => {
  const model = new SharedModel(() => Promise.reject(new Error('no such folder')));
  let changes = 0;
  model.addEventListener('change', () => changes++);
  model.leaveOut('the folder of this script has none');
  expect([model.state, model.reason, changes]).toEqual(['absent', 'the folder of this script has none', 1]);
  await expect(model.load()).rejects.toThrow('no such folder');
});
