/** Work in the order in which it was asked for, one after the other; what fails takes nothing else down. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** When everything that was asked for so far has ended, well or not. */
  async end(): Promise<void> {
    await this.#last;
  }
}
