/**
 * The demo page: one box over the example site, what each answer takes, and a place for the visitor's own text.
 * In: the page's markup, the index under ./nearbit/. Out: a working page. Wiring only.
 */

import { by, make } from './dom';
import { type Answer, type NearbitIndex, openIndex } from './nearbit';
import { keepForOffline } from './offline';
import { ownText } from './own-text';
import { showAnswer, showCorpus, showStages, showStatus } from './panel';

const questions = [
  'Stop other sites from showing my page inside theirs',
  'How do I keep scripts from reading the login cookie?',
  'The address moved for good, what do I send back?',
  'How long may a browser reuse a file without asking?',
  'What should I answer when someone asks too often?',
  'Shrink what goes over the wire',
];

const box = document.querySelector('nearbit-search')!;

function showExamples(): void {
  by('examples').hidden = box.query !== '';
}

by('examples')
  .querySelector('ul')!
  .append(
    ...questions.map((question) => {
      const button = make('button', question);
      button.type = 'button';
      button.addEventListener('click', () => {
        box.search(question);
        box.focus();
        showExamples();
      });
      return make('li', button);
    }),
  );
box.addEventListener('input', showExamples);
box.addEventListener('keyup', showExamples);
box.addEventListener('click', showExamples);
box.addEventListener('nearbit-answer', (event) => {
  showAnswer((event as CustomEvent<Answer>).detail);
  showExamples();
});

showStages(null);

async function openSite(): Promise<NearbitIndex | null> {
  try {
    // Before the index, so that on a first visit, too, all that workers load passes through the service worker.
    await keepForOffline();
    const site = await openIndex({ source: './nearbit/' });
    showCorpus(site.manifest);
    showStatus(site.status);
    site.addEventListener('status', () => showStatus(site.status));
    box.index = site;
    return site;
  } catch (error) {
    by('trouble').textContent = (error as Error).message;
    by('trouble').hidden = false;
    return null;
  }
}

ownText(openSite());
