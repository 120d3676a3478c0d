import { describe, expect, it, vi } from 'vitest';
import { highlightCode } from '../src/lib/highlight';
import { renderBlocks, renderMarkdown } from '../src/lib/markdown';
import { drawMath } from '../src/lib/math';

// jsdom lays nothing out.
vi.hoisted(() => vi.stubGlobal('ResizeObserver', class { observe(): void {} }));

function render(text: string): HTMLElement {
  const root = document.createElement('div');
  root.append(renderMarkdown(text));
  highlightCode(root);
  drawMath(root);
  return root;
}

const RUNS = 'script, iframe, object, embed, form, input, button, link, meta, base, style, template, img, video, audio, source, foreignObject, animate, use';

/** Everything in a rendered answer that could run, load or lead elsewhere. */
function dangers(root: HTMLElement): string[] {
  const found: string[] = [...root.querySelectorAll(RUNS)].map((element) => element.outerHTML);
  for (const element of root.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name)) found.push(`${name}=${value}`);
      if (name === 'style' && element.closest('.tex') === null) found.push(`style=${value}`);
      if (/^(src|srcset|action|formaction|xlink:href|poster|background)$/i.test(name)) found.push(`${name}=${value}`);
      if (name === 'href' && !/^(https?:\/\/|mailto:)/i.test(value)) found.push(`href=${value}`);
      if (/url\(|javascript:|data:|vbscript:/i.test(value) && name !== 'href') found.push(`${name}=${value}`);
    }
  }
  return found;
}

const HOSTILE: Record<string, string> = {
  script: '<script>alert(1)</script>',
  'script across blocks': '<script>\n\nalert(1)\n\n</script>',
  'image with handler': '<img src=x onerror=alert(1)>',
  'broken tag': '<img/src="x"/onerror=alert(1)//',
  'svg with handler': '<svg/onload=alert(1)><animate onbegin=alert(1) attributeName=x dur=1s>',
  'svg with script': '<svg><script>alert(1)</script></svg>',
  'math with link': '<math><maction actiontype="statusline#http://x" xlink:href="javascript:alert(1)">x</maction></math>',
  iframe: '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  'style sheet': '<style>@import url(https://evil.example/x.css)</style>',
  'style attribute': '<b style="background:url(https://evil.example)">x</b>',
  form: '<form action=https://evil.example><input name=a><button>go</button></form>',
  'meta refresh': '<meta http-equiv=refresh content="0;url=https://evil.example">',
  base: '<base href=https://evil.example>',
  comment: '<!-- --><img src=x onerror=alert(1)> -->',
  'conditional comment': '<!--[if IE]><script>alert(1)</script><![endif]-->',
  cdata: '<![CDATA[<script>alert(1)</script>]]>',
  'processing instruction': '<?xml version="1.0"?><script>alert(1)</script>',
  'mutation by noscript': '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  'mutation by math': '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  'javascript link': '[x](javascript:alert(1))',
  'mixed case link': '[x](JaVaScRiPt:alert(1))',
  'encoded link': '[x](&#106;avascript&colon;alert(1))',
  'link with tab': '[x](java&Tab;script:alert(1))',
  'link with newline entity': '[x](java&NewLine;script:alert(1))',
  'percent-encoded link': '[x](%6Aavascript:alert(1))',
  'link with control character': '[x](\u0001javascript:alert(1))',
  'angle link': '[x](<javascript:alert(1)>)',
  'autolink javascript': '<javascript:alert(1)>',
  'reference link': '[x][y]\n\n[y]: javascript:alert(1)',
  'vbscript link': '[x](vbscript:msgbox(1))',
  'data link': '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  'data image link': '[x](data:image/svg+xml,<svg onload=alert(1)>)',
  'file link': '[x](file:///etc/passwd)',
  'relative link': '[x](/owner)',
  'protocol-relative link': '[x](//evil.example)',
  'hash link': '[x](#main)',
  'title breaks out': '[x](https://a.example "\\" onmouseover=\\"alert(1)")',
  'remote image': '![x](https://evil.example/pixel.png)',
  'image with handler in alt': '![" onerror="alert(1)](https://evil.example/x)',
  'data image': '![x](data:image/svg+xml;base64,PHN2Zz4=)',
  'image in link': '[![x](https://evil.example/a.png)](javascript:alert(1))',
  'reference image': '![x][y]\n\n[y]: https://evil.example/p.png',
  'fence language breaks out': '```"><img src=x onerror=alert(1)>\ncode\n```',
  'html in fence': '```html\n<script>alert(1)</script><img src=x onerror=alert(1)>\n```',
  'html in code': '`<img src=x onerror=alert(1)>`',
  'html in table': '| a |\n|---|\n| <img src=x onerror=alert(1)> |',
  'html in heading': '# <svg onload=alert(1)>',
  'encoded html': '&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62;',
  'formula with link': '$\\href{javascript:alert(1)}{x}$',
  'formula with url': '$\\url{javascript:alert(1)}$',
  'formula with image': '$$\\includegraphics[height=1em]{https://evil.example/a.png}$$',
  'formula with html class': '$\\htmlClass{x}{y}$ $\\htmlId{main}{y}$ $\\htmlStyle{position:fixed}{y}$ $\\htmlData{a=b}{y}$',
  'formula with tags': '$<img src=x onerror=alert(1)>$',
  'formula with text tags': '$\\text{<img src=x onerror=alert(1)>}$',
};

describe('hostile Markdown stays inert', () => {
  for (const [name, text] of Object.entries(HOSTILE)) {
    it(name, () => expect(dangers(render(text))).toEqual([]));
  }

  it('the check itself finds what it should', () => {
    const root = document.createElement('div');
    root.innerHTML = '<a href="javascript:1" onclick="1">x</a><img src="x">';
    expect(dangers(root)).toHaveLength(4);
  });

  it('endless macros end', () => {
    const root = render('$\\def\\a{\\a\\a}\\a$ $\\def\\b#1{#1#1#1#1}\\b{\\b{\\b{\\b{\\b{\\b{x}}}}}}$');
    expect(root.textContent?.length).toBeLessThan(20_000);
  });

  it('huge sizes are held', () => {
    const html = render('$\\rule{99999em}{99999em}$ $\\kern{99999em}x$').innerHTML;
    for (const [, size] of html.matchAll(/(?:width|height|margin-\w+|border-\w+-width):\s*(-?[\d.]+)em/g)) {
      expect(Math.abs(Number(size))).toBeLessThanOrEqual(25);
    }
  });

  it.each([
    ['quotes', '>'.repeat(5000) + 'x'],
    ['lists', Array.from({ length: 500 }, (_, i) => ' '.repeat(i * 2) + '- x').join('\n')],
    ['brackets', '['.repeat(20_000)],
    ['emphasis', '*a '.repeat(5000) + 'b*'.repeat(5000)],
    ['dollars', '$a '.repeat(5000)],
    ['links', '[a](b'.repeat(5000)],
    ['table', '|'.repeat(2000) + '\n' + '|-'.repeat(1000)],
  ])('huge nesting of %s ends soon', (_, text) => {
    const start = performance.now();
    expect(dangers(render(text))).toEqual([]);
    expect(performance.now() - start).toBeLessThan(4000);
  });
});

describe('what a reader expects', () => {
  it('links open elsewhere and give nothing away', () => {
    const link = render('[x](https://example.org/a?b=c&d=e) <me@example.org>').querySelector('a');
    expect(link?.getAttribute('href')).toBe('https://example.org/a?b=c&d=e');
    expect(link?.getAttribute('target')).toBe('_blank');
    expect(link?.getAttribute('rel')).toBe('noopener noreferrer nofollow ugc');
  });

  it('bare addresses become links, file names do not', () => {
    const root = render('See https://example.org and README.md or script.py.');
    expect([...root.querySelectorAll('a')].map((a) => a.textContent)).toEqual(['https://example.org']);
  });

  it('an image is its alternative text', () => {
    expect(render('![a cat](https://example.org/c.png)').textContent?.trim()).toBe('[image: a cat]');
  });

  it('character references are decoded once', () => {
    expect(render('&eacute; &amp;lt; &copy; &unknown; &#x41;').textContent?.trim()).toBe('é &lt; © &unknown; A');
  });

  it('prices are no formulas', () => {
    const root = render('It costs $5 or $10, and $0.0042/$0.0011 per answer.');
    expect(root.querySelector('.katex')).toBeNull();
  });

  it.each(['$x^2$', '\\(x^2\\)', '$$x^2$$', '\\[x^2\\]', 'a\n\n$$\nx^2\n$$\n\nb'])('draws %s', (text) => {
    expect(render(text).querySelector('.katex')).not.toBeNull();
  });

  it('a wrong formula shows its source', () => {
    expect(render('$\\frac{1$').textContent).toContain('\\frac{1');
  });

  it('code keeps its text when coloured', () => {
    const root = render('```python\ndef f(x):\n    return x < 1 & 2\n```');
    expect(root.querySelector('code')?.textContent).toBe('def f(x):\n    return x < 1 & 2\n');
    expect(root.querySelector('.hljs-keyword')?.textContent).toBe('def');
  });

  it('headings skip no level, wherever they start', () => {
    const tags = [...render('##### a\n\n# b\n\n### c\n\n##### d\n\n### e').querySelectorAll('h3,h4,h5')].map((h) => h.tagName);
    expect(tags).toEqual(['H3', 'H3', 'H4', 'H5', 'H4']);
  });

  it('aligned cells use classes', () => {
    const cell = render('| a |\n|--:|\n| 1 |').querySelector('td');
    expect(cell?.className).toBe('to-right');
    expect(cell?.hasAttribute('style')).toBe(false);
  });

  it('a table can be reached and scrolled by keyboard', () => {
    const box = render('| a |\n|--:|\n| 1 |').querySelector('.tbl');
    expect([box?.getAttribute('tabindex'), box?.getAttribute('aria-label')]).toEqual(['0', 'Table']);
  });

  it('a list starts where it says', () => expect(render('7. a\n8. b').querySelector('ol')?.getAttribute('start')).toBe('7'));

  it('marks nested beyond sense become text', () => {
    const root = render('*a '.repeat(100) + 'b* '.repeat(100));
    let depth = 0;
    for (let at = root.querySelector('em'); at; at = at.querySelector('em')) depth += 1;
    expect(depth).toBeLessThanOrEqual(24);
    expect(root.textContent).toContain('*a *a');
  });

  it('gives one block per top-level element', () => {
    expect(renderBlocks('# a\n\nb\n\n- c\n- d\n\n---\n\n```\ne\n```')).toHaveLength(5);
  });
});
