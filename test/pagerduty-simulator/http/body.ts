import type { z } from 'zod';
import type { Call } from './call.ts';
import { invalidInput, refuse } from './replies.ts';

/** The JSON body in the given shape; anything else is 400. Unknown fields are ignored. */
export function readJson<T>(call: Pick<Call, 'body'>, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parse(call.body));
  if (parsed.success) return parsed.data;
  return refuse(invalidInput(...parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'The body'}: ${message}`)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
