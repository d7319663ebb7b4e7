/** One value in IndexedDB, as an app keeps an index that its library hands it as a whole. */

const store = 'records';
const key = 'index';

function open(name: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export async function readRecord<T>(name: string): Promise<T | undefined> {
  const database = await open(name);
  const request = database.transaction(store).objectStore(store).get(key);
  await new Promise<void>((resolve, reject) => {
    request.onsuccess = () => resolve();
    request.onerror = () => reject(request.error);
  });
  database.close();
  return request.result;
}

/** Resolves when the transaction is complete. */
export async function writeRecord(name: string, value: unknown): Promise<void> {
  const database = await open(name);
  const transaction = database.transaction(store, 'readwrite', { durability: 'strict' });
  transaction.objectStore(store).put(value, key);
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
  database.close();
}
