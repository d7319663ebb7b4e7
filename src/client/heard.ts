/** What workers and the model had to say so far: bytes by purpose, the kernel in use, notices. Its reader is `Status`. */
import type { WorkerEvent } from '../../workers/api';
import type { Status } from './status';

const none = { received: 0, total: 0 };

export class Heard {
  readonly #progress: Status['progress'] = { index: none, model: none, runtime: none, build: none };
  #kernel: Status['kernel'] = { name: 'none', reason: 'not needed yet', refused: [] };
  readonly #notices: Status['notices'] = [];

  get status(): Pick<Status, 'kernel' | 'progress' | 'notices'> {
    return { kernel: this.#kernel, progress: { ...this.#progress }, notices: [...this.#notices] };
  }

  /** Whether that changes the status: each notice is kept once. */
  take(event: WorkerEvent): boolean {
    if (event.type === 'progress') {
      const { what, ...bytes } = event.progress;
      this.#progress[what] = bytes;
    } else if (event.type === 'kernel') this.#kernel = event.kernel;
    else if (event.type === 'notice') {
      const { message } = event.notice;
      if (this.#notices.some((notice) => notice.message === message)) return false;
      this.#notices.push(event.notice);
    }
    return true;
  }
}
