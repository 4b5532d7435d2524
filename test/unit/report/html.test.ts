import { describe, expect, it } from 'vitest';

import { html, jsonInHtml } from '../../../src/report/html/html.ts';

describe('HTML of a template', () => {
  it('escapes every text, in attributes and in lists too, and nothing that is HTML already', () => {
    const text = `<b> & "it's"`;
    const escaped = '&lt;b&gt; &amp; &quot;it&#39;s&quot;';
    const list = html`<p title="${text}">${[text, html`<i>${text}</i>`, undefined, 5]}</p>`;
    expect(String(list)).toBe(`<p title="${escaped}">${escaped}<i>${escaped}</i>5</p>`);
  });

  it('shows what cannot be seen, so that an ID can neither end a line nor turn it round', () => {
    expect(String(html`${'a\u202eb\u0000c\nd'}`)).toBe(String.raw`a\u{202e}b\u{0}c\u{a}d`);
  });

  it('holds JSON that neither ends its script nor begins a comment, and is read back as it was', () => {
    const value = { note: '</script><!--<script>', list: ['\u2028', '\ud800'] };
    const json = String(jsonInHtml(value));
    expect(json).not.toContain('<');
    expect(JSON.parse(json)).toEqual(value);
  });
});
