import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startVendorStub, type VendorStub } from './vendor-stub.ts';

/** PagerDuty's API description beside the project, where it is there. It is read at run time; nothing of it is copied. */
const file = fileURLToPath(new URL('../../../shared/facts/pagerduty-openapi-subset.json', import.meta.url));

export const hasDocumentedExamples = existsSync(file);

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<'get' | 'post', Operation | undefined>>>>;
  readonly components: { readonly examples: Readonly<Record<string, { readonly value: Example }>> };
}

interface Operation {
  readonly responses: Readonly<Record<string, Answer>>;
}

interface Answer {
  readonly content?: { readonly 'application/json'?: { readonly examples?: Readonly<Record<string, { readonly value: Example } | { readonly $ref: string }>> } };
}

export type Example = Readonly<Record<string, unknown>>;

/** The answer to GET of a path as the description prints it, or to POST of one that has no GET. */
export function readDocumentedExample(path: string): Example {
  const { paths, components } = JSON.parse(readFileSync(file, 'utf8')) as Description;
  const example = firstExample(paths[path]?.get ?? paths[path]?.post);
  const found = example !== undefined && '$ref' in example ? components.examples[example.$ref.replace(/^.*\//, '')] : example;
  if (found === undefined) throw new Error(`the description has no example for ${path}`);
  return found.value;
}

function firstExample(operation: Operation | undefined) {
  return Object.values(operation?.responses['200']?.content?.['application/json']?.examples ?? {})[0];
}

/**
 * Serves the documented examples. `Printed`: to the letter, whatever page is asked for. `Paged`: the same rows in
 * an envelope that is true for them; the printed one of /license_allocations is that of another page size, and
 * says both that there are two rows and that the one shown is the last.
 */
export async function serveDocumentedExamples(envelopes: 'Printed' | 'Paged'): Promise<VendorStub> {
  return startVendorStub(({ path, query }) => {
    const example = readDocumentedExample(path);
    if (envelopes === 'Printed' || !('more' in example)) return { json: example };
    const [key, rows] = Object.entries(example).find(([, value]) => Array.isArray(value)) ?? ['', []];
    const all = rows as unknown[];
    const offset = Number(query.get('offset') ?? 0);
    const limit = Number(query.get('limit') ?? 25);
    const page = all.slice(offset, offset + limit);
    return { json: { [key]: page, limit, offset, more: offset + page.length < all.length, total: query.get('total') === 'true' ? all.length : null } };
  });
}
