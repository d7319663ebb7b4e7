/**
 * Room on the device: how much is used and allowed, and whether the browser may delete it.
 * In: StorageManager, how much was written. Out: figures for `status`, asked anew at moments when they may have changed.
 * Asking to be kept is done once, after something worth keeping was stored: browsers grant it by use, or ask the reader.
 */

/** Room on the device. Units: bytes, of all that this origin stores; null: the browser does not say. */
export interface StorageReport {
  usage: number | null;
  quota: number | null;
  /** Whether the browser has promised not to delete it when space is short; null: it does not say. */
  persisted: boolean | null;
}

/** The figures are asked for anew after so much was written. Units: bytes. */
const askAfterBytes = 4 << 20;

export interface StorageParts {
  /** Null: not to be had (an insecure context). */
  storage: Pick<StorageManager, 'estimate' | 'persist' | 'persisted'> | null;
  /** Asks the browser to keep what is stored. */
  persist: boolean;
  onChange(): void;
}

export class StorageState {
  report: StorageReport = { usage: null, quota: null, persisted: null };
  readonly #parts: StorageParts;
  #written = 0;
  #hasAsked = false;

  constructor(parts: StorageParts) {
    this.#parts = parts;
  }

  /** Asks for the figures. Never rejects: what the browser does not say stays null. */
  async ask(): Promise<void> {
    const { storage, onChange } = this.#parts;
    this.#written = 0;
    const [figures, persisted] = await Promise.all([
      said(() => storage?.estimate()),
      said(() => storage?.persisted()),
    ]);
    this.report = {
      usage: figures?.usage ?? null,
      quota: figures?.quota ?? null,
      persisted,
    };
    onChange();
  }

  /** Documents were stored. Units: bytes, about. */
  async wrote(bytes: number): Promise<void> {
    const { storage, persist } = this.#parts;
    this.#written += bytes;
    let isDue = this.#written >= askAfterBytes;
    if (persist && storage && !this.#hasAsked) {
      this.#hasAsked = true;
      const persisted = this.report.persisted || (await said(() => storage.persisted()));
      if (!persisted) isDue = (await said(() => storage.persist())) === true || isDue;
    }
    if (isDue) await this.ask();
  }
}

/** Null: it is refused, or this browser has no such method. */
async function said<T>(ask: () => Promise<T> | undefined): Promise<T | null> {
  try {
    return (await ask()) ?? null;
  } catch {
    return null;
  }
}
