import { describe, expect, test } from 'vitest';
import { readHtml } from './html';

const read = (html: string, url = '/guide/') => readHtml(html, { url });
/** Trail and blocks of each section, without anchors. */
const outline = (html: string) =>
  read(html).sections.map(({ headings, blocks }) => [headings.join(' > '), ...blocks]);
const blocks = (html: string) => read(html).sections.flatMap((section) => section.blocks);
const anchors = (html: string) => read(html).sections.map(({ anchor }) => anchor);

describe('a page as a whole', () => {
  test('becomes a document', () => {
    const page = `<!doctype html><html lang="en-US"><head><title>Install &amp; run | Tool</title>
      <meta name="Description" content="How to  install."><link rel="canonical" href=" /install/ "></head>
      <body><nav>Menu</nav><main><h1 id="top">Install</h1><p>Get <b>it</b>.</p><h2 id="run">Run</h2><p>Go.</p></main>
      <footer>Imprint</footer></body></html>`;
    expect(read(page, '/install/')).toEqual({
      id: '/install/',
      url: '/install/',
      title: 'Install',
      description: 'How to install.',
      language: 'en-us',
      canonical: '/install/',
      noindex: false,
      links: [],
      sections: [
        { headings: [], anchor: 'top', blocks: ['Get it.'] },
        { headings: ['Run'], anchor: 'run', blocks: ['Go.'] },
      ],
    });
  });

  test('is read from bytes as from text', () => {
    const page = '<title>Ä</title><p>ö';
    expect(readHtml(new TextEncoder().encode(page), { url: '/' })).toEqual(read(page, '/'));
  });
});

describe('the title', () => {
  test.each([
    ['the first h1 of the content', '<title>A | Site</title><h1>A</h1><h1>B</h1>', 'A'],
    [
      'the title element where the only h1 is furniture',
      '<title>A | Site</title><header><h1>Site</h1></header>x',
      'A | Site',
    ],
    [
      'the first title element, not one of a drawing',
      '<svg><title>No</title></svg><title>A</title><title>B</title>x',
      'A',
    ],
    ["the URL's last segment", '<p>x', 'first steps'],
    ['empty on a page without words', '<div id="app"></div><script>start()</script>', ''],
  ])('is %s', (_, page, title) => {
    expect(read(page, '/guide/first-steps/').title).toBe(title);
  });

  test.each([
    ['/a/Gr%C3%BC%C3%9Fe.html?x#y', 'Grüße'],
    ['/a/100%.htm', '100%'],
    ['/a/b_c/index.html', 'b c'],
    ['/', ''],
  ])('from %s is %j', (url, title) => {
    expect(read('<p>x', url).title).toBe(title);
  });

  test('is found in a header inside the content', () => {
    const page = '<title>A | Site</title><main><header><h1>A</h1><p>Lead</p></header><p>x</main>';
    expect(read(page).title).toBe('A');
    expect(blocks(page)).toEqual(['Lead', 'x']);
  });
});

describe('metadata', () => {
  test('takes og:description where there is no description', () => {
    expect(read('<meta property="og:description" content="Social">').description).toBe('Social');
    expect(
      read('<meta property="og:description" content="Social"><meta name=description content="Own">')
        .description,
    ).toBe('Own');
  });

  test.each([
    ['en', 'en'],
    ['pt_BR', 'pt-br'],
    ['zh-Hant-TW', 'zh-hant-tw'],
    ['{{ lang }}', ''],
    ['', ''],
  ])('takes lang=%j as %j', (lang, language) => {
    expect(read(`<html lang="${lang}"><p>x`).language).toBe(language);
  });

  test.each([
    ['<meta name=robots content="noindex">', true],
    ['<meta name=ROBOTS content="nofollow, NOINDEX">', true],
    ['<meta name=googlebot content=none>', true],
    ['<meta name=robots content="index, nofollow"><meta name=googlebot content="max-snippet:10">', false],
    ['<meta name=description content=noindex>', false],
  ])('reads %s', (meta, noindex) => {
    expect(read(`${meta}<p>x`).noindex).toBe(noindex);
  });
});

describe('the content', () => {
  test.each([
    ['main', '<div>out</div><main>in</main><article>out</article>'],
    ['role=main', '<div>out</div><div role=main>in</div>'],
    ['the only article', '<div>out</div><article>in <article>comment</article></article>', 'in', 'comment'],
    ['all of a list of articles', 'x<article>a</article><article>b</article>', 'x', 'a', 'b'],
    [
      'an article that is alone outside furniture',
      'x<aside><article>ad</article></aside><article>in</article>',
    ],
    ['the body', '<p>in'],
    ['data-nearbit-body before main', '<main>out<div data-nearbit-body>in</div>out</main>'],
    [
      'every data-pagefind-body, nested ones once',
      '<p data-pagefind-body>a<b data-pagefind-body>b</b></p>x<p data-pagefind-body>c',
      'ab',
      'c',
    ],
    ['data-nearbit-body in an aside', '<main>out</main><aside data-nearbit-body>in</aside>'],
    ['a visible main, not a hidden one', '<main hidden>out</main><main>in</main>'],
  ])('is %s', (_, page, ...expected) => {
    expect(blocks(page)).toEqual(expected.length > 0 ? expected : ['in']);
  });

  test.each([
    '<nav>no</nav>',
    '<header>no</header>',
    '<footer>no</footer>',
    '<aside>no</aside>',
    '<search>no</search>',
    '<script>no</script>',
    '<style>no</style>',
    '<noscript>no</noscript>',
    '<template>no</template>',
    '<svg><text>no</text></svg>',
    '<iframe>no</iframe>',
    '<button>no</button>',
    '<select><option>no</select>',
    '<textarea>no</textarea>',
    '<input value=no>',
    '<dialog>no</dialog>',
    '<div popover>no</div>',
    '<div hidden>no</div>',
    '<div aria-hidden=true>no</div>',
    '<div data-nearbit-ignore>no</div>',
    '<div data-pagefind-ignore="all">no</div>',
    '<div role=navigation>no</div>',
    '<div role="Banner">no</div>',
    '<div role=contentinfo>no</div>',
    '<form role=search>no</form>',
    '<div class=navheader>no</div>',
    '<div class="navfooter">no</div>',
    '<div class="related topbar">no</div>',
    '<div class=sphinxsidebar>no</div>',
    '<!-- no -->',
    '<math><semantics><annotation>no</annotation></semantics></math>',
  ])('has no %s', (furniture) => {
    expect(blocks(`<p>a</p>${furniture}<p>b`)).toEqual(['a', 'b']);
  });

  test.each([
    '<details><summary>Why</summary></details>',
    '<div hidden="until-found">Why</div>',
    '<form><label>Why</label></form>',
    '<dialog open>Why</dialog>',
    '<img alt="Why">',
    '<my-card>Why</my-card>',
    '<p class=related>Why</p>',
    '<div class=related-work>Why</div>',
  ])('has %s', (markup) => {
    expect(blocks(`<p>a</p>${markup}<p>b`)).toEqual(['a', 'Why', 'b']);
  });
});

describe('sections', () => {
  test('begin at headings and carry the path of headings, levels skipped or not', () => {
    expect(outline('<h1>T</h1>0<h2>A</h2>1<h4>B</h4>2<h3>C</h3>3<h2>D</h2>4<h1>E</h1>5<h3>F</h3>6')).toEqual([
      ['', '0'],
      ['A', '1'],
      ['A > B', '2'],
      ['A > C', '3'],
      ['D', '4'],
      ['E', '5'],
      ['E > F', '6'],
    ]);
  });

  test('keep headings without text and drop headings without words', () => {
    expect(outline('<h2>A</h2><h2>B</h2><h2> </h2>x')).toEqual([['A'], ['B', 'x']]);
  });

  test.each([
    ['id', '<h2 id=x>A</h2>'],
    ['the wrapping section', '<section id=x><p>kicker</p><h2>A</h2></section>'],
    ['a wrapping div.section', '<div class="section x" id=x><h2>A</h2></div>'],
    ['a link before it', '<p>t</p><a name=x></a>\n<h2>A</h2>'],
    ['a span inside it', '<h2><span id=x></span>A</h2>'],
    ['a hidden permalink inside it', '<h2><a id=x href=#x aria-hidden=true>#</a>A</h2>'],
    ['an empty heading before it', '<h2 id=x></h2><h3>A</h3>'],
  ])('take their anchor from %s', (_, heading) => {
    expect(anchors(heading).at(-1)).toBe('x');
  });

  test('have no anchor where an id names something else', () => {
    expect(anchors('<section id=x><h2 id=y>A</h2><h3>B</h3></section>')).toEqual(['y', null]);
    expect(anchors('<p><a id=x></a>text</p><h2>A</h2>')).toEqual([null, null]);
    expect(anchors('<section id=x>text</section><h2>A</h2>')).toEqual([null, null]);
    expect(anchors('<div id=x><h2>A</h2></div>')).toEqual([null]);
  });

  test.each([
    'A <a href="#a">¶</a>',
    'A<a class="headerlink" href="#a" title="Permalink">Link to this heading</a>',
    '<a href="/page/#a">#</a> A',
    '<a href="#a" aria-hidden="true">anchor</a>A',
    'A<a href="#a">\u200b</a>',
    '<a href="#a">A</a>',
    '<button>A</button>',
  ])('show no permalink in the heading %s', (heading) => {
    expect(outline(`<h2>${heading}</h2>x`)).toEqual([['A', 'x']]);
  });

  test('keep signs that are part of a heading', () => {
    expect(outline('<h2>C# <a href="#c">§</a></h2><h2><a href="#f">F#</a></h2>')).toEqual([['C#'], ['F#']]);
  });
});

describe('blocks', () => {
  test.each([
    ['paragraphs, inline markup and line breaks', '<p>a<b>b</b> c<br>d</p>e<hr>f', 'ab c d', 'e', 'f'],
    ['lists in lists', '<ul><li>a<ul><li>b</ul><li><p>c</p><p>d</p></ul>', 'a', 'b', 'c', 'd'],
    ['terms', '<dl><dt>a<dd>b<dd>c</dl>', 'a', 'b', 'c'],
    [
      'quotes and figures',
      '<blockquote>a<p>b</blockquote><figure><img alt=c><figcaption>d</figure>',
      'a',
      'b',
      'c',
      'd',
    ],
    [
      'table rows',
      '<table><caption>a<tr><th>b<th>c<tr><td><p>d</p><p>e</p><td><td>f</table>',
      'a',
      'b | c',
      'd e | f',
    ],
    [
      'rows with lists and tables inside',
      '<table><tr><td>a<td><ul><li>b<li>c</ul><td><table><tr><td>d<td>e</table></table>',
      'a',
      'b',
      'c',
      'd | e',
    ],
    ['images with something to say', '<p>see<img alt="the plan">and<img alt="">this', 'see the plan andthis'],
    [
      'words with soft hyphens, references and ruby',
      '<p>in&shy;dex &lt;b&gt;&nbsp;&copy; <ruby>漢<rp>(<rt>kan<rp>)</ruby>字',
      'index <b> © 漢字',
    ],
    ['formulas', '<p>so <math><mi>x</mi><mo>+</mo><mn>1</mn></math>', 'so x+1'],
  ])('are %s', (_, markup, ...expected) => {
    expect(blocks(markup)).toEqual(expected);
  });

  test('keep the lines of code, however they are marked up', () => {
    expect(blocks('<p>Run:</p><pre>\n<code>if (a)  {\n  <b>b</b>();\n}\n</code></pre>')).toEqual([
      'Run:',
      'if (a)  {\n  b();\n}',
    ]);
    expect(blocks('<pre><div>a</div><div>  b</div>c<br>d</pre>')).toEqual(['a\n  b\nc\nd']);
  });
});
