import type { JsonObject } from '@ferric/core';
import { asObject, type Resource, type RestContext } from '../rest/resource.js';

/** Version of the collections of iLO 4. */
const COLLECTION = 'Collection.1.0.0';

export const href = (context: RestContext, path: string): JsonObject => ({ href: context.href(path) });

/** A resource with its type and the link to itself. */
export function resource(context: RestContext, path: string, type: string, fields: JsonObject, links: JsonObject = {}): JsonObject {
  return { ...fields, Type: type, links: { ...links, self: href(context, path) } };
}

/** @param items the members themselves, where the iLO gives them along */
export function collection(context: RestContext, path: string, memberType: string, members: readonly string[], items?: readonly JsonObject[]): JsonObject {
  return {
    Description: `${path.split('/').at(-1) ?? path} view`,
    MemberType: memberType,
    Name: path.split('/').at(-1) ?? path,
    Total: members.length,
    Type: COLLECTION,
    ...(items === undefined ? {} : { Items: [...items] }),
    links: { Member: members.map((member) => href(context, member)), self: href(context, path) },
  };
}

/** A collection that gives its members along, and each of them by itself. The members end in their `Id`. */
export function collectionOf(path: string, memberType: string, read: (context: RestContext) => readonly JsonObject[], own: Omit<Resource, 'path' | 'read'> = {}): readonly Resource[] {
  return [
    {
      ...own,
      path,
      read(context) {
        const items = read(context);
        return collection(context, path, memberType, items.map(({ Id }) => `${path}/${String(Id)}`), items);
      },
    },
    { path: `${path}/{}`, read: (context, id) => read(context).find((item) => asObject(item)['Id'] === id) },
  ];
}

export const OK = { Health: 'OK', State: 'Enabled' } as const;
