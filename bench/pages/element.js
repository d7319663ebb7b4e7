/**
 * Notes when each key came and when the rows that answer it stood in the page.
 * A key is timed by `event.timeStamp`, when the browser took it, so that a busy main thread counts.
 */
const box = document.querySelector('nearbit-search');
/** One a keystroke, oldest first. Units: milliseconds since the page began; `lexical`, `full` null: a newer key came first. */
const keys = [];
let pressedAt = 0;

box.addEventListener('keydown', ({ timeStamp }) => {
  pressedAt = timeStamp;
});
box.addEventListener('input', () => keys.push({ pressedAt, lexical: null, full: null }), { capture: true });
box.addEventListener('nearbit-answer', async ({ detail: { tier } }) => {
  const key = keys.at(-1);
  await box.updateComplete;
  if (key) key[tier] = performance.now();
  document.dispatchEvent(new Event('answered'));
});

/** Resolves with the time since the page began once an answer of that tier stands in the page. */
function answered(tier) {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const look = () => {
      if (keys.at(-1)?.[tier] == null) return;
      done.abort();
      resolve(keys.at(-1)[tier]);
    };
    const fail = (reason) => {
      done.abort();
      reject(new Error(`Expected a ${tier} answer, received none: ${reason}`));
    };
    document.addEventListener('answered', look, done);
    box.addEventListener('nearbit-error', ({ detail }) => fail(detail.error), done);
    box.addEventListener(
      'nearbit-status',
      ({ detail }) => tier === 'full' && detail.model === 'failed' && fail(detail.modelReason),
      done,
    );
    look();
  });
}

window.bench = {
  answered,
  /** Gives the keys so far and forgets them. */
  takeKeys: () => keys.splice(0),
  /** Asks as soon as the box is there. */
  async ask(query, tier) {
    await customElements.whenDefined('nearbit-search');
    box.tier = tier;
    box.focus();
    keys.push({ pressedAt: performance.now(), lexical: null, full: null });
    box.search(query);
    const lexical = await answered('lexical');
    return { lexical, full: tier === 'full' ? await answered('full') : null };
  },
};
