import { expect, test } from 'vitest';
import { withBody } from './pagefind';
import { spreadSample } from './runs';

test('the main part of a page is marked for Pagefind, by its element or by its role, and only once', () => {
  expect(withBody('<body><main id="a">x</main><main>y</main>')).toBe(
    '<body><main data-pagefind-body id="a">x</main><main>y</main>',
  );
  expect(withBody('<div class="body" role="main">x</div>')).toBe(
    '<div data-pagefind-body class="body" role="main">x</div>',
  );
  expect(withBody('<body><p>x</p></body>')).toBe('<body><p>x</p></body>');
});

test('a sample is spread over all, in their order, and is all of them where there are no more', () => {
  expect(spreadSample([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 3)).toEqual([0, 3, 6]);
  expect(spreadSample([1, 2], 12)).toEqual([1, 2]);
});
