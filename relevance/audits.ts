/**
 * Slices and audits (methods N4, N6 to N9, N11, N12, N20, I2): where a good average hides something.
 * In: collections read with the model. Out: a table of figures with the bars set beforehand, MISSED where one is missed.
 * Each audit is a file of audits/; all draw by hash, so that a run can be repeated.
 */
import { aggregation } from './audits/aggregators';
import { filteredScan } from './audits/filtered-scan';
import { lengthBias } from './audits/length-bias';
import { otherWords } from './audits/other-words';
import type { Audit, Row } from './audits/row';
import { stuffing } from './audits/stuffing';
import { threads } from './audits/threads';
import { titlesInPassages } from './audits/titles-in-passages';
import { typingErrors } from './audits/typing-errors';
import { wordsOfPages } from './audits/words-of-pages';
import { worstTenth } from './audits/worst-tenth';
import { type Collection, openCollections, siteCollection } from './collections';
import { openModels } from './models';
import { type Prepared, prepare } from './prepare';

export const audits: Readonly<Record<string, Audit>> = {
  'own-words': wordsOfPages,
  'typing-errors': typingErrors,
  stuffing,
  'worst-tenth': worstTenth,
  threads,
  titles: titlesInPassages,
  aggregators: aggregation,
  'other-words': otherWords,
  length: lengthBias,
  'filtered-scan': filteredScan,
};

/** `only`: names of audits; none: all. */
export async function audit(prepared: Prepared, only: readonly string[] = []): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, run] of Object.entries(audits))
    if (only.length === 0 || only.includes(name)) rows.push(...(await run(prepared)));
  return rows;
}

export function auditTable(perSet: ReadonlyMap<string, readonly Row[]>): string {
  const lines: string[] = [];
  for (const [set, rows] of perSet)
    for (const { name, value, bar, met } of rows) {
      const verdict = met === null ? '' : `${bar}  ${met ? 'met' : 'MISSED'}`;
      lines.push(`${set.padEnd(16)}${name.padEnd(84)}${value.padStart(7)}  ${verdict}`.trimEnd());
    }
  const barred = [...perSet.values()].flat().filter(({ met }) => met !== null);
  lines.push(`${barred.filter(({ met }) => met).length} of ${barred.length} bars met`);
  return lines.join('\n');
}

/**
 * Arguments: data folder, cache, then names: of sets (default: all open ones), of audits, and
 * sites as name=folder=questions.
 */
export async function main([data = '.', cache = '.', ...names]: string[]): Promise<void> {
  const models = await openModels();
  const only = names.filter((name) => name in audits);
  const sets = names.filter((name) => !(name in audits));
  const perSet = new Map<string, Row[]>();
  for (const collection of collectionsOf(data, sets))
    perSet.set(collection.name, await audit(await prepare(collection, { models, cache }), only));
  await models.close();
  console.log(auditTable(perSet));
}

function collectionsOf(data: string, names: readonly string[]): Collection[] {
  const open = openCollections(data);
  if (names.length === 0) return open;
  return names.map((name) => {
    const [site, folder, questions] = name.split('=');
    if (folder && questions) return siteCollection(site!, folder, questions);
    const found = open.find((collection) => collection.name === name);
    if (!found)
      throw new TypeError(
        `expected a set in ${data}, an audit (${Object.keys(audits).join(', ')}) or name=folder=questions, received ${name}`,
      );
    return found;
  });
}
