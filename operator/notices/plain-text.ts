/**
 * One line: no control, no line break that could begin a header or a sentence of ours, no character that turns the direction of
 * writing or cannot be seen.
 * @param limit largest number of UTF-16 units.
 */
export function oneLine(value: string, limit: number): string {
  const line = value.toWellFormed().replaceAll(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1).toWellFormed()}…`;
}

/** A value of unknown origin as part of one line; an address of the web in it is not one that a mail program or a chat makes a link of. */
export function plainLine(value: string, limit: number): string {
  return oneLine(value, limit).replaceAll('://', ': //').replaceAll('](', '] (');
}

/** A text of several lines whose author may write what they like, without controls; line breaks become `\n`. */
export function plainLines(text: string): string {
  const lines = text.toWellFormed().replaceAll(/\r\n?/g, '\n').split('\n');
  return lines.map((line) => line.replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ').trimEnd()).join('\n').trim();
}

/**
 * A text for Slack and what takes the same: its three special characters escaped, so that nothing becomes a link with another name or
 * `<!channel>`; and no `@` that Mattermost and others would call people with, an `@channel` in plain text among them.
 */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('@', '@\u{200B}');
}
