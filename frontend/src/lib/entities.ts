/**
 * Stands in for the package `entities`, of which markdown-it needs only the decoding of one
 * character reference: the browser knows all names, so no table of 2,000 is sent to it.
 */
const box = document.createElement('textarea');
const REFERENCE = /^&#?\w{1,32};$/;

export function decodeHTML(reference: string): string {
  if (!REFERENCE.test(reference)) return reference;
  // The content of a textarea is text: nothing in it is ever parsed as a tag.
  box.innerHTML = reference;
  return box.textContent ?? reference;
}

export const decodeHTMLStrict = decodeHTML;
