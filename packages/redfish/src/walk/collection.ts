import { type CallOptions, errorCode, FerricError, type JsonObject, type JsonValue } from '@ferric/core';
import type { RedfishClient } from '../client/client-types.js';
import { within } from '../client/within.js';
import { findLink, linkTarget } from '../resource/links.js';
import { comparablePath, samePath } from '../resource/paths.js';
import { isObject, valueOf } from '../resource/readers.js';
import { inlineResource, type Resource } from '../resource/resource.js';

/** More pages and members than any controller was seen to have; event logs are read with a limit of their own. */
const PAGE_LIMIT = 200;
const MEMBER_LIMIT = 5000;

export interface CollectionOptions extends CallOptions {
  /** Stops after so many members. Default 5000; what is beyond that is an error, since nothing may be left out unseen. */
  readonly limit?: number;
}

/** A member of a collection, with its content when the collection brought it along. */
export interface Member {
  readonly path: string;
  readonly body: JsonObject | undefined;
}

/**
 * The members of a collection in their order, all pages of it: `Members` of Redfish, `Items` and `links.Member` of RIS.
 * @throws PROTOCOL_FAULT for pages that lead in a circle or never end
 */
export async function listMembers(client: RedfishClient, path: string, options: CollectionOptions = {}): Promise<readonly Member[]> {
  const { limit, ...call } = options;
  return within(client, call, `members of ${path}`, async (page) => {
    const members = new Map<string, Member>();
    const seen = new Set<string>();
    for (let next: string | undefined = path; next !== undefined; ) {
      if (seen.has(comparablePath(next)) || seen.size >= PAGE_LIMIT) throw endless(path);
      seen.add(comparablePath(next));
      const collection = await client.read(next, page);
      for (const member of membersOf(collection)) members.set(comparablePath(member.path), member);
      if (limit !== undefined && members.size >= limit) break;
      if (members.size > MEMBER_LIMIT) throw endless(path);
      next = nextPage(collection);
    }
    return [...members.values()].slice(0, limit);
  });
}

/** The members themselves. One that has gone in between, such as a drive that was pulled, is left out. */
export async function readMembers(client: RedfishClient, path: string, options: CollectionOptions = {}): Promise<readonly Resource[]> {
  const { limit, ...outer } = options;
  return within(client, outer, `members of ${path}`, async (call) => {
    const members = await listMembers(client, path, { ...call, ...(limit === undefined ? {} : { limit }) });
    return readEach(client, members, call);
  });
}

/** The content of members that were listed, where they did not bring it along. */
export async function readEach(client: RedfishClient, members: readonly Member[], call: CallOptions): Promise<readonly Resource[]> {
  const resources: Resource[] = [];
  for (const member of members) {
    const resource = member.body === undefined ? await readIfThere(client, member.path, call) : inlineResource(member.path, member.body);
    if (resource !== undefined) resources.push(resource);
  }
  return resources;
}

/** Undefined when there is nothing at the path. */
export async function readIfThere(client: RedfishClient, path: string, options?: CallOptions): Promise<Resource | undefined> {
  try {
    return await client.read(path, options);
  } catch (error) {
    if (errorCode(error) === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/** Redfish's members first: early Redfish of iLO 4 carries both, and the links of RIS lead out of Redfish. */
export function membersOf({ body, path }: Resource): readonly Member[] {
  const members = objectsOf(valueOf(body, 'Members')).flatMap((item) => toMember(item, path));
  if (members.length > 0) return members;
  const items = objectsOf(valueOf(body, 'Items')).flatMap((item) => toMember(item, path));
  const links = valueOf(body, 'links');
  const linked = isObject(links) ? objectsOf(valueOf(links, 'Member')).flatMap((item) => toMember(item, path)) : [];
  // Not all that is linked has to be inline.
  return [...items, ...linked.filter((link) => !items.some((item) => samePath(item.path, link.path)))];
}

/** Links have one property; what has more is the member itself. */
function toMember(item: JsonObject, collection: string): readonly Member[] {
  const links = valueOf(item, 'links');
  const own = linkTarget(item, collection, 'Members') ?? (isObject(links) ? linkTarget(valueOf(links, 'self'), collection, 'Items') : undefined);
  if (own === undefined) return [];
  const content = Object.keys(item).filter((name) => !name.startsWith('@odata.') && name !== 'href');
  return [{ path: own, body: content.length > 0 ? item : undefined }];
}

function nextPage(collection: Resource): string | undefined {
  const { body, path } = collection;
  const next = valueOf(body, 'Members@odata.nextLink') ?? valueOf(body, '@odata.nextLink');
  if (next !== undefined && next !== null) return linkTarget(next, path, 'Members@odata.nextLink');
  const links = valueOf(body, 'links');
  const page = isObject(links) ? valueOf(links, 'NextPage') : undefined;
  const number = isObject(page) ? valueOf(page, 'page') : undefined;
  if (typeof number === 'number') return `${path.split('?')[0] ?? path}?page=${number}`;
  return findLink(collection, 'NextPage');
}

function objectsOf(value: JsonValue | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]).filter(isObject) : [];
}

function endless(path: string): FerricError {
  return new FerricError('PROTOCOL_FAULT', `The collection ${path} does not end`, { details: { path, pageLimit: PAGE_LIMIT, memberLimit: MEMBER_LIMIT } });
}
