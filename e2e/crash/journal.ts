/**
 * What the tabs have told before they were killed, and so what must hold now.
 * In: messages of e2e/crash/page.ts, before and after each operation. Out: the documents after all that resolved, and the
 * operations under way, each of which may hold as a whole or not at all.
 */
import { applyOperation, type Documents, idsOf, type Operation } from './workload';

type Message = { tab: number; operation: Operation } | { tab: number; done: number };

export class Journal {
  /** After every operation that resolved. */
  documents: Documents = new Map();
  /** By tab. */
  readonly underWay = new Map<number, Operation>();
  /** Operations that resolved. */
  resolved = 0;
  /** By tab: number of the next operation. */
  readonly #next = new Map<number, number>();

  /** `path` as the page asks for it; false: it is no message. */
  hear(path: string): boolean {
    const json = /^\/journal\/(.*)$/s.exec(path)?.[1];
    if (json === undefined) return false;
    const message: Message = JSON.parse(json);
    const { tab } = message;
    if ('operation' in message) {
      this.underWay.set(tab, message.operation);
      this.#next.set(tab, message.operation.number + 1);
      return true;
    }
    this.documents = applyOperation(this.documents, this.underWay.get(tab)!);
    this.underWay.delete(tab);
    this.resolved += 1;
    return true;
  }

  nextNumber(tab: number): number {
    // Every tab counts in its own thousands of millions, so that no two write the same text.
    return this.#next.get(tab) ?? tab * 1e9 + 1;
  }

  /**
   * Finds out which of the operations under way hold, and takes them over. Returns what cannot be explained: ids of documents
   * that are not as any of these states has them.
   */
  settle(found: Documents): { applied: Operation[]; dropped: Operation[]; wrong: string[] } {
    const applied: Operation[] = [];
    const dropped: Operation[] = [];
    for (const operation of this.underWay.values()) {
      const after = applyOperation(this.documents, operation);
      const ids = operation.kind === 'clear' ? [...this.documents.keys()] : operation.ids;
      // No two tabs write the same ids, so that each operation can be looked at alone.
      const isApplied = ids.every((id) => same(after.get(id), found.get(id)));
      if (isApplied) this.documents = after;
      (isApplied ? applied : dropped).push(operation);
    }
    this.underWay.clear();
    const ids = new Set([...this.documents.keys(), ...found.keys()]);
    return {
      applied,
      dropped,
      wrong: [...ids].filter((id) => !same(this.documents.get(id), found.get(id))),
    };
  }

  /** Documents of one tab. */
  ofTab(tab: number): Documents {
    const own = new Set(idsOf(tab));
    return new Map([...this.documents].filter(([id]) => own.has(id)));
  }
}

function same(a: Documents extends Map<string, infer T> ? T | undefined : never, b: typeof a): boolean {
  return a?.title === b?.title && a?.text === b?.text;
}
