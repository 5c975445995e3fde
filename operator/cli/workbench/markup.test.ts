import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { html, Markup, nameOf } from './markup.ts';

describe('markup', () => {
  it('escapes whatever is put in, in text and in attributes', () => {
    expect(html`<p title="${'"><img onerror=x>'}">${"<b>&'"}</p>`.source).toBe('<p title="&quot;&gt;&lt;img onerror=x&gt;">&lt;b&gt;&amp;&#39;</p>');
  });

  it('takes markup as it is, joins lists, and takes undefined for nothing', () => {
    expect(html`<ul>${[html`<li>${1}</li>`, [html`<li>${'<'}</li>`], undefined]}</ul>`.source).toBe('<ul><li>1</li><li>&lt;</li></ul>');
    expect(html`${new Markup('<br>')}`.source).toBe('<br>');
  });

  it('sets a name apart from what stands beside it', () => {
    expect(nameOf('a\u{202E}b').source).toBe('<bdi>a\u{FFFD}b</bdi>');
  });

  it('leaves no way out of a text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { source } = html`<i>${text}</i>`;
        expect(source.slice(3, -4)).not.toMatch(/[<>"']/);
        expect(source.slice(3, -4)).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#39;)/);
      }),
      { seed: 83 },
    );
  });
});
