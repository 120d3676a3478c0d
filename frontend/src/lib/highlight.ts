/** Colours code. Loaded only when an answer holds a fenced block. */
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import markdown from 'highlight.js/lib/languages/markdown';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';
import { sanitize } from './markdown';

const LANGUAGES = {
  ...{ bash, c, cpp, csharp, css, diff, go, java, javascript, json, markdown, php, python, ruby, rust, sql },
  ...{ typescript, xml, yaml },
};
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);

/** Longer blocks would hold the main thread for too long and are left plain. */
const MAX_CODE = 20_000;

/** Colours each fenced block inside `root` whose language is known. */
export function highlightCode(root: ParentNode): void {
  for (const code of root.querySelectorAll<HTMLElement>('code[class*="language-"]')) {
    if (code.parentElement?.tagName !== 'PRE') continue;
    const text = code.textContent ?? '';
    const language = /language-([\w+#-]+)/.exec(code.className)?.[1];
    if (!language || text.length > MAX_CODE || !hljs.getLanguage(language)) continue;
    const { value } = hljs.highlight(text, { language, ignoreIllegals: true });
    code.replaceChildren(sanitize(value));
    code.classList.add('hljs');
  }
}
