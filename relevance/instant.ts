/**
 * The instant tier beside the full one: what is lost without a model at the time of the query.
 * In: folders of judged sets and sites. Out: a table of nDCG@10: words and both, by the full tier's float cosines and by
 * the instant tier; shares and paired intervals.
 * Everything is made by the product's own build with its defaults; nothing is fitted on the queries.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { vocabularyWords } from '../src/embed/vocabulary';
import { type PairedDifference, pairedBootstrap } from '../src/eval/bootstrap';
import { judgedPages } from '../src/eval/judged-pages';
import { type ListMetrics, meanOf, queryMetrics } from '../src/eval/metrics';
import { openInstant } from '../src/instant/searcher';
import { openInstantFolder } from '../src/store/instant-files-folder.node';
import { chooseTasks, parseSite, type Task } from './judged-sets';
import { orderOf } from './lists';
import { openEvidence } from './lists-evidence';
import { openModels } from './models';
import { type Prepared, prepare } from './prepare';
import { columns, digits, interval } from './table';

/** Lists compared; `full` is the default fusion over float cosines of the query that the model embeds. */
const lists = ['full words', 'full', 'instant words', 'instant'] as const;
type ListName = (typeof lists)[number];

interface InstantRow {
  set: string;
  queries: number;
  metrics: Record<ListName, ListMetrics>;
  perQuery: Record<ListName, number[]>;
  /** instant − full words, instant − instant words. */
  overFullWords: PairedDifference;
  overWords: PairedDifference;
}

/** Depth to which lists are read. */
const depth = 100;

async function measureTask(task: Task, prepared: Prepared): Promise<InstantRow[]> {
  const ids = prepared.pages.map(({ id }) => id);
  const { grades } = judgedPages(prepared.queries, ids);
  const reader = await openEvidence(prepared);
  const instant = openInstant(openInstantFolder(prepared.folder));
  const metrics = Object.fromEntries(lists.map((list) => [list, [] as ListMetrics[]])) as Record<
    ListName,
    ListMetrics[]
  >;
  for (const [q, { id, text }] of prepared.queries.entries()) {
    const left = new Set(task.ignored.get(id));
    const take = (list: ListName, found: readonly string[]) =>
      metrics[list].push(queryMetrics(found.filter((page) => !left.has(page)).slice(0, depth), grades[q]!));
    const legs = await reader.read(q);
    take(
      'full words',
      orderOf(legs.lexical).map((page) => ids[page]!),
    );
    take(
      'full',
      orderOf(await reader.float(q, reader.cosines(q))).map((page) => ids[page]!),
    );
    let found: string[] = [];
    let step: ListName = 'instant words';
    for await (const { hits, tier } of instant.steps(text, { limit: depth })) {
      found = hits.map((hit) => hit.id);
      if (tier === 'lexical') take('instant words', found);
      step = 'instant';
    }
    if (metrics['instant words'].length === q) take('instant words', found);
    if (step === 'instant') take('instant', found);
  }
  await reader.close();
  return task.sets.map((set) => {
    const held = prepared.queries.flatMap((query, q) => (set.holds(query) ? [q] : []));
    const of = <T>(values: readonly T[]) => held.map((q) => values[q]!);
    const perQuery = Object.fromEntries(
      lists.map((list) => [list, of(metrics[list]).map(({ ndcg10 }) => ndcg10)]),
    ) as InstantRow['perQuery'];
    return {
      set: set.name,
      queries: held.length,
      metrics: Object.fromEntries(
        lists.map((list) => [list, meanOf(of(metrics[list]))]),
      ) as InstantRow['metrics'],
      perQuery,
      overFullWords: pairedBootstrap([perQuery['full words']], [perQuery.instant]),
      overWords: pairedBootstrap([perQuery['instant words']], [perQuery.instant]),
    };
  });
}

/** Shares are of the full tier's hybrid; intervals those of paired bootstraps. */
function table(rows: readonly InstantRow[]): string {
  const head = ['set', 'queries', ...lists, 'share', 's@5', '− full words', '− instant words'];
  return columns([
    head,
    ...rows.map(({ set, queries, metrics, overFullWords, overWords }) => [
      set,
      String(queries),
      ...lists.map((list) => digits(metrics[list].ndcg10)),
      digits(metrics.instant.ndcg10 / metrics.full.ndcg10),
      digits(metrics.instant.success5),
      interval(overFullWords),
      interval(overWords),
    ]),
  ]);
}

export async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      data: { type: 'string' },
      sets: { type: 'string' },
      site: { type: 'string', multiple: true, default: [] },
      model: { type: 'string' },
      design: { type: 'string', default: 'cells' },
      cache: { type: 'string', default: 'build/relevance' },
      json: { type: 'string' },
    },
  });
  const { cache } = values;
  const tasks = chooseTasks({
    data: values.data,
    sites: values.site.map(parseSite),
    wanted: values.sets?.split(','),
    cache,
    proxies: true,
  });
  mkdirSync(cache, { recursive: true });
  const models = await openModels(values.model);
  const design = values.design === 'expansion' ? 'expansion' : 'cells';
  const instant = { design, vocabulary: vocabularyWords(models.files['tokenizer.json']!) } as const;
  const rows: InstantRow[] = [];
  let said = 0;
  const onProgress = (text: string) => {
    if (performance.now() - said < 10_000) return;
    said = performance.now();
    console.error(text);
  };
  for (const task of tasks) {
    const prepared = await prepare(task.collection, { models, cache, instant, onProgress });
    rows.push(...(await measureTask(task, prepared)));
    await prepared.searcher.close();
    console.error(table(rows.slice(-task.sets.length)));
  }
  await models.close();
  console.log(table(rows));
  if (values.json) writeFileSync(values.json, `${JSON.stringify({ design, rows }, null, 1)}\n`);
}
