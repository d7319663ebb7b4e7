/** One of several tabs of an app that keeps a live index: a few notes, and the model of the site's folder. */
let index;

window.bench = {
  /** `alone`: as in a browser that has no SharedWorker. Out: how the model is shared. */
  async open(alone) {
    if (alone) delete globalThis.SharedWorker;
    const { openIndex } = await import('/nearbit/engine/nearbit.js');
    index = await openIndex({ name: 'bench', model: '/nearbit/' });
    if ((await index.count()) === 0)
      await index.add([
        { id: 'bread', text: 'Knead the dough for ten minutes and bake it until the crust is brown.' },
        { id: 'tax', text: 'The form is due in May; keep all receipts for seven years.' },
      ]);
    await index.loadModel();
    await index.whenIdle();
    return index.status.modelReason;
  },
  /** Out: the tier of the answer. */
  async ask(query) {
    const { tier } = await index.search(query, { tier: 'full' });
    return tier;
  },
};
