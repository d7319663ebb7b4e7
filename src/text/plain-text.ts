/**
 * Plain text, Markdown-like at most, to a document: what an app hands over instead of HTML.
 * In: text with blank lines between paragraphs. Out: a document whose sections begin at `#` headings.
 * Deliberately not here: the rest of Markdown; links and emphasis stay as written.
 */
import type { Section, SourceDocument } from '../types';
import { normaliseCode, normaliseText } from './normalise';

/**
 * Reads plain text. A first-level heading that says the title again is not repeated in the trails; without a title the
 * first such heading is the title. Text between ``` fences is one block and keeps its lines.
 */
export function readPlainText(
  text: string,
  options: { id: string; url: string; title: string },
): SourceDocument {
  const sections: Section[] = [];
  const path: { level: number; text: string }[] = [];
  let section: Section = { headings: [], anchor: null, blocks: [] };
  let title = normaliseText(options.title);
  let lines: string[] = [];
  let fence: string | null = null;

  const endBlock = (normalise: (text: string) => string) => {
    const block = normalise(lines.join('\n'));
    if (block !== '') section.blocks.push(block);
    lines = [];
  };
  const endSection = () => {
    endBlock(fence ? normaliseCode : normaliseText);
    if (section.headings.length > 0 || section.blocks.length > 0) sections.push(section);
  };

  for (const line of text.split(/\r\n?|\n/)) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence) {
      if (mark?.startsWith(fence)) {
        endBlock(normaliseCode);
        fence = null;
      } else lines.push(line);
      continue;
    }
    const heading = /^ {0,3}(#{1,6})\s+(\S.*)$/.exec(line);
    if (mark) {
      endBlock(normaliseText);
      fence = mark;
    } else if (heading) {
      endSection();
      const level = heading[1]!.length;
      const name = normaliseText(heading[2]!.replace(/\s#+\s*$/, ''));
      while (path.length > 0 && path.at(-1)!.level >= level) path.pop();
      if (level === 1 && title === '') title = name;
      if (name !== '' && !(level === 1 && name === title)) path.push({ level, text: name });
      section = { headings: path.map((entry) => entry.text), anchor: null, blocks: [] };
    } else if (line.trim() === '') endBlock(normaliseText);
    else lines.push(line);
  }
  endSection();
  const { id, url } = options;
  return { id, url, title, description: '', language: '', canonical: null, noindex: false, sections };
}
