import { showPlainly } from './plain-text.ts';

/** HTML that may be put into a page as it is. */
export class Markup {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
}

export type Content = Markup | string | number | undefined | readonly Content[];

/**
 * Tag of templates that are HTML. What is put in is text and is escaped, unless it is Markup itself; lists are joined,
 * undefined is nothing. Nothing else makes Markup from data, so no name can become part of the page's code.
 */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(parts.reduce((all, part, index) => `${all}${writeContent(contents[index - 1])}${part}`));
}

function writeContent(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Markup) return content.source;
  if (typeof content === 'string') return escape(showPlainly(content));
  if (typeof content === 'number') return String(content);
  return content.map(writeContent).join('');
}

/** A name that somebody gave: set apart, so that a right-to-left one does not turn around what stands beside it. */
export const nameOf = (text: string): Markup => html`<bdi>${text}</bdi>`;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
