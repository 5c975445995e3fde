import { z } from 'zod';
import { demandAdmin } from '../auth/credentials.ts';
import type { CompanyState, Person, Tag } from '../company/company.ts';
import { readJson } from '../http/body.ts';
import type { Call, Route } from '../http/call.ts';
import { answerPage, listingOf } from '../http/paging.ts';
import type { Reply } from '../http/replies.ts';
import { invalidInput, json, notFound, refuse } from '../http/replies.ts';
import { apiOf } from './render.ts';

/** Tags, of people alone: the other things that PagerDuty lets have some are nothing to this product. */
export const tagRoutes: readonly Route[] = [
  { method: 'GET', pattern: '/tags', scope: 'tags.read', handle: listTags },
  { method: 'GET', pattern: '/users/{id}/tags', scope: 'tags.read', handle: listTagsOf },
  { method: 'POST', pattern: '/users/{id}/change_tags', scope: 'tags.write', handle: changeTags },
];

function listTags(call: Call): Reply {
  const wanted = (call.query.get('query') ?? '').toLowerCase();
  const tags = (call.account.company.tags ?? []).filter(({ label }) => label.toLowerCase().includes(wanted));
  return answerTags(call, tags);
}

function listTagsOf(call: Call): Reply {
  const ids = new Set(findUser(call).tagIds);
  return answerTags(call, (call.account.company.tags ?? []).filter(({ id }) => ids.has(id)));
}

function answerTags(call: Call, tags: readonly Tag[]): Reply {
  return answerPage(call, 'tags', { listing: listingOf(tags), render: (tag) => renderTag(call.account.company, tag) });
}

function renderTag(company: CompanyState, { id, label }: Tag): object {
  return { id, type: 'tag', summary: label, self: `${apiOf(company)}/tags/${id}`, html_url: null, label };
}

const byId = z.object({ type: z.literal('tag_reference'), id: z.string().min(1) });
const byLabel = z.object({ type: z.literal('tag'), label: z.string().min(1).max(191) });
const wish = z.object({ add: z.array(z.union([byId, byLabel])).optional(), remove: z.array(byId).optional() });

/** A label that the account does not have becomes a new tag. */
function changeTags(call: Call): Reply {
  const user = findUser(call);
  const denied = demandAdmin(call.credential, call.account, 'Cannot change tags');
  if (denied !== undefined) refuse(denied);
  const { add = [], remove = [] } = readJson(call, wish);
  const added = add.map((one) => ('label' in one ? findOrMake(call, one.label) : findTag(call, one.id)));
  const removed = new Set(remove.map(({ id }) => findTag(call, id).id));
  const ids = [...(user.tagIds ?? []), ...added.map(({ id }) => id)].filter((id) => !removed.has(id));
  call.account.updateUser(user.id, { tagIds: [...new Set(ids)] });
  return json({});
}

function findTag({ account }: Call, id: string): Tag {
  return account.company.tags?.find((tag) => tag.id === id) ?? refuse(invalidInput('The tag does not exist.'));
}

function findOrMake({ account }: Call, label: string): Tag {
  const tags = account.company.tags ?? [];
  const known = tags.find((tag) => tag.label === label);
  if (known !== undefined) return known;
  const made = { id: `PTAGW${String(tags.length + 1)}`, label };
  account.replace({ tags: [...tags, made] });
  return made;
}

function findUser({ account, params }: Call): Person {
  return account.user(params['id'] ?? '') ?? refuse(notFound);
}
