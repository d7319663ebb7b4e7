import { afterEach, expect, test } from 'vitest';
import { NearbitError } from '../errors';
import { whenReleased } from './page-lock';
import { Relay } from './relay';

interface EchoApi {
  echo(text: string): string;
  hang(): never;
  fail(): never;
}

const open: Relay<EchoApi>[] = [];
afterEach(() => {
  for (const relay of open.splice(0)) relay.close();
});

let names = 0;
const freshName = () => `relay test ${++names} ${performance.timeOrigin}`;

interface Tab {
  relay: Relay<EchoApi>;
  /** Of the calls that this tab answered and that were given up. */
  aborted: string[];
  /** Resolves once this tab answers. */
  led: Promise<void>;
}

/** Channels and locks do not ask whether two tabs are one page. */
function tab(name: string, label: string): Tab {
  let markLed = () => {};
  const made: Tab = {
    aborted: [],
    led: new Promise((resolve) => {
      markLed = resolve;
    }),
    relay: new Relay<EchoApi>({
      name,
      lead: () => ({
        echo: (_signal, text) => `${label}: ${text}`,
        hang: (signal) =>
          new Promise<never>((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              made.aborted.push('hang');
              reject(signal.reason);
            });
          }),
        fail() {
          throw new NearbitError('closed', { what: 'The thing', call: 'fail' });
        },
      }),
      onChange() {
        if (made.relay.leads) markLed();
      },
    }),
  };
  open.push(made.relay);
  return made;
}

async function leaderAndFollower() {
  const name = freshName();
  const first = tab(name, 'first');
  await first.led;
  return { name, first, second: tab(name, 'second') };
}

test('a tab that asked before anybody answered is answered, by itself too', async () => {
  const name = freshName();
  const first = tab(name, 'first');
  expect(await first.relay.call('echo', ['early'])).toBe('first: early');
  expect(first.relay.leads).toBe(true);
});

test('the tab that holds the lock answers the others', async () => {
  const { second } = await leaderAndFollower();
  expect(await second.relay.call('echo', ['a'])).toBe('first: a');
  expect(await second.relay.call('echo', ['b'])).toBe('first: b');
  expect(second.relay.leads).toBe(false);
});

test('several tabs that ask at once get each its own answer', async () => {
  const { name, second } = await leaderAndFollower();
  const third = tab(name, 'third');
  const answers = ['x', 'y', 'z'].flatMap((text) => [
    second.relay.call('echo', [`2${text}`]),
    third.relay.call('echo', [`3${text}`]),
  ]);
  expect(await Promise.all(answers)).toEqual(
    ['2x', '3x', '2y', '3y', '2z', '3z'].map((text) => `first: ${text}`),
  );
});

test('an error keeps its class and code, and does not end the connection', async () => {
  const { second } = await leaderAndFollower();
  const error = await second.relay.call('fail', []).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(NearbitError);
  expect((error as NearbitError).code).toBe('closed');
  expect(await second.relay.call('echo', ['still'])).toBe('first: still');
});

test('a call that is given up rejects at once and is given up where it runs', async () => {
  const { first, second } = await leaderAndFollower();
  await second.relay.call('echo', ['there']);
  const controller = new AbortController();
  const call = second.relay.call('hang', [], controller.signal);
  await second.relay.call('echo', ['after it']);
  controller.abort();
  await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  await expect.poll(() => first.aborted).toEqual(['hang']);
});

test('when the answering tab goes, calls under way are answered by the next, which may be the one that asks', async () => {
  const { first, second } = await leaderAndFollower();
  await second.relay.call('echo', ['there']);
  const hanging = second.relay.call('hang', []).catch(() => 'closed');
  first.relay.close();
  expect(await second.relay.call('echo', ['again'])).toBe('second: again');
  expect(second.relay.leads).toBe(true);
  second.relay.close();
  expect(await hanging).toBe('closed');
});

test('with three tabs, the third is answered by whichever of the others comes next', async () => {
  const { name, first, second } = await leaderAndFollower();
  const third = tab(name, 'third');
  expect(await third.relay.call('echo', ['1'])).toBe('first: 1');
  const hanging = third.relay.call('hang', []).catch((error: NearbitError) => error.code);
  first.relay.close();
  await second.led;
  expect(await third.relay.call('echo', ['2'])).toBe('second: 2');
  second.relay.close();
  expect(await third.relay.call('echo', ['3'])).toBe('third: 3');
  third.relay.close();
  expect(await hanging).toBe('closed');
});

test('when an asking tab goes, its calls are given up where they run', async () => {
  const { first, second } = await leaderAndFollower();
  await second.relay.call('echo', ['there']);
  const hanging = second.relay.call('hang', []).catch(() => {});
  await second.relay.call('echo', ['after it']);
  second.relay.close();
  await hanging;
  await expect.poll(() => first.aborted).toEqual(['hang']);
});

test('a closed tab rejects with closed, and frees the lock', async () => {
  const { name, first } = await leaderAndFollower();
  first.relay.close();
  await expect(first.relay.call('echo', ['late'])).rejects.toMatchObject({ code: 'closed' });
  open.find((relay) => relay !== first.relay)!.close();
  await new Promise<void>((resolve) => whenReleased(name, resolve));
});
