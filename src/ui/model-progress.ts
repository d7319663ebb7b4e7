/**
 * What the reader is told about the model's download.
 * In: an index's status. Out: bytes, or null where there is nothing to tell. The runtime's binary counts as the model's:
 * to the reader it is one download.
 */
import type { Status } from '../client/status';

type Loading = Pick<Status, 'model' | 'progress'>;

/** The download in progress. Units: bytes. */
export function modelProgress(status: Loading): { received: number; total: number } | null {
  if (status.model !== 'loading') return null;
  const { model, runtime } = status.progress;
  return { received: model.received + runtime.received, total: model.total + runtime.total };
}

/**
 * The size of a model that waits for the reader's word, because it was not wanted or failed; null also while the size is not
 * known, since nobody can consent to that. Units: bytes.
 */
export function modelOffer(status: Loading, savesData: boolean): number | null {
  if (status.model !== 'failed' && !(status.model === 'idle' && savesData)) return null;
  const { model, runtime } = status.progress;
  return model.total + runtime.total || null;
}
