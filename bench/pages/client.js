/** Times the library's two steps, and a bare ONNX Runtime session in a worker of its own, query by query. */
import { openIndex } from '/nearbit/engine/nearbit.js';

const ort = new Worker('/bare-ort.worker.js', { type: 'module' });
const reply = () =>
  new Promise((resolve, reject) => {
    ort.onmessage = ({ data }) => resolve(data);
    ort.onerror = ({ message }) => reject(new Error(message));
  });
let index;

window.bench = {
  /** Opens the index with its model, and the yardstick with the same weights. Out: the weights. */
  async open() {
    index = await openIndex({ source: '/nearbit/' });
    await index.loadModel();
    const { runtime } = index.status;
    ort.postMessage({ weights: `/model/${runtime.weights}` });
    await reply();
    return runtime;
  },
  /** `ids`: the query's tokens. `bare`: the yardstick's run before and after the search, averaged. Units: milliseconds. */
  async time(query, ids) {
    const bare = async () => {
      ort.postMessage({ ids });
      return reply();
    };
    const first = await bare();
    const times = {};
    let stages;
    const began = performance.now();
    for await (const answer of index.searchSteps(query)) {
      times[answer.tier] = performance.now() - began;
      stages = answer.ms;
    }
    return { bare: (first + (await bare())) / 2, ...times, stages };
  },
};
