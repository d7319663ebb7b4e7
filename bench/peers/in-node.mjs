/**
 * A process of its own for one race in Node: native code that crashes takes only its own row along.
 * In: the peer's name and the race's options, as JSON. Out: a message, `{ race }` or `{ failure }`.
 */
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const [name, options] = JSON.parse(process.argv[2]);
// Vite serves nothing here: it is what lets this Node import TypeScript.
const vite = await createServer({
  configFile: false,
  logLevel: 'silent',
  appType: 'custom',
  server: { middlewareMode: true, watch: null, ws: false },
  optimizeDeps: { noDiscovery: true },
});
let message;
try {
  const { race } = await vite.ssrLoadModule(fileURLToPath(new URL('race.ts', import.meta.url)));
  message = { race: await race(name, options) };
} catch (error) {
  message = { failure: String(error) };
}
await vite.close();
// Whoever asked disconnects once it has the message; what a peer left running must not keep the process.
process.on('disconnect', () => process.exit(0));
process.send(message);
