/**
 * An author's own queries as YAML, the smallest file that can be judged by.
 * In: `query: url`, `query: [url, url]`, or a list of `{query, url | urls, grade}`. Out: texts with their grades.
 * Queries are read as they are written: `404:` is the text 404, not a number. The same query twice adds up.
 * Deliberately not here: whether an index has those pages (page-match.ts).
 */
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { type LineError, refuseLines } from './line-errors';

export interface QueryJudgement {
  text: string;
  url: string;
  grade: number;
}

const entryKeys = ['query', 'url', 'urls', 'grade'];

/** Errors: data-missing naming each wrong line. */
export function readQueriesYaml(path: string, yaml: string): QueryJudgement[] {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  const errors: LineError[] = [];
  const lineAt = (offset: number | undefined): number => lines.linePos(offset ?? 0).line;
  const refuse = (node: unknown, fallback: Node, expected: string, received = glimpse(node)): void => {
    const at = isNode(node) ? node : fallback;
    errors.push({ line: lineAt(at.range?.[0]), expected, received });
  };
  for (const { pos, message } of document.errors)
    errors.push({ line: lineAt(pos[0]), expected: 'YAML', received: message });
  refuseLines(path, errors);

  const found: QueryJudgement[] = [];
  const add = (query: unknown, urls: unknown, grade: unknown, place: Node): void => {
    const text = textOf(query);
    const value = grade === undefined ? 1 : Number(textOf(grade) ?? Number.NaN);
    const nodes: unknown[] = isSeq(urls) ? urls.items : [urls];
    if (!text) refuse(query, place, 'the text of a query');
    else if (!(value >= 0)) refuse(grade, place, 'a grade of 0 or more');
    else if (nodes.length === 0) refuse(urls, place, 'a url or a list of urls', 'an empty list');
    else
      for (const node of nodes) {
        const url = textOf(node);
        if (url) found.push({ text, url, grade: value });
        else refuse(node, place, 'a url or a list of urls');
      }
  };

  const top: unknown = document.contents;
  if (isMap(top)) {
    for (const { key, value } of top.items) add(key, value, undefined, isNode(key) ? key : top);
  } else if (isSeq(top)) {
    for (const item of top.items) {
      if (!isMap(item)) {
        refuse(item, top, '{query, url}');
        continue;
      }
      const unknown = item.items.find(({ key }) => !entryKeys.includes(textOf(key) ?? ''));
      if (unknown) refuse(unknown.key, item, `keys among ${entryKeys.join(', ')}`);
      else if (item.has('url') && item.has('urls')) refuse(item, item, 'url or urls', 'both');
      else
        add(
          item.get('query', true),
          item.get(item.has('urls') ? 'urls' : 'url', true),
          item.get('grade', true),
          item,
        );
    }
  } else {
    errors.push({ line: 1, expected: 'query: url, or a list of {query, url}', received: glimpse(top) });
  }
  refuseLines(path, errors);
  return found;
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value);
}

/** A scalar as it is written, or null for anything else and for an empty one. */
function textOf(node: unknown): string | null {
  if (!isScalar(node) || node.value === null) return null;
  const text = typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
  return text.trim() || null;
}

function glimpse(node: unknown): string {
  if (isMap(node)) return 'a mapping';
  if (isSeq(node)) return 'a list';
  return (textOf(node) ?? 'nothing').slice(0, 60);
}
