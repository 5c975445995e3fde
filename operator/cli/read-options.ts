/** Exit code for a command line that makes no sense. */
export const misuse = 2;

/** What `read` makes of a command line; or the sentence that says what is wrong with it. */
export function readOptions<T>(read: () => T): T | { readonly problem: string } {
  try {
    return read();
  } catch (error) {
    return { problem: error instanceof Error ? error.message : 'the options cannot be read' };
  }
}
