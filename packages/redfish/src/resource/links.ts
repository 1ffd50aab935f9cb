import { FerricError, type JsonObject, type JsonValue } from '@ferric/core';
import { oem } from './oem.js';
import { pathOf } from './paths.js';
import { isObject, unexpectedValue, valueOf } from './readers.js';
import type { Resource } from './resource.js';

/** Groups of links, the object itself first. `Links` is Redfish, `links` is RIS; early Redfish of iLO 4 has both. */
const GROUPS: readonly ((object: JsonObject) => JsonValue | undefined)[] = [
  (object) => object,
  (object) => valueOf(object, 'Links'),
  (object) => valueOf(object, 'links'),
];

/** The path behind a link in either style, `{"@odata.id": …}` or `{"href": …}`; undefined when the value is no link. */
export function linkTarget(value: JsonValue | undefined, resource: string, property: string): string | undefined {
  const target = typeof value === 'string' ? value : isObject(value) ? (valueOf(value, '@odata.id') ?? valueOf(value, 'href')) : undefined;
  if (target === undefined || target === null) return undefined;
  const path = typeof target === 'string' ? pathOf(target) : undefined;
  if (path === undefined) throw unexpectedValue({ resource, property }, 'a path', target);
  return path;
}

/** All targets of a link that may be one or a list, found in the resource itself, its `Links`, its `links`, then the same of the vendor's part. */
export function findLinks(resource: Resource, ...names: readonly string[]): readonly string[] {
  for (const object of [resource.body, oem(resource.body)]) {
    for (const group of GROUPS.map((groupOf) => groupOf(object)).filter(isObject)) {
      for (const name of names) {
        const found = targetsOf(valueOf(group, name), resource.path, name);
        if (found.length > 0) return found;
      }
    }
  }
  return [];
}

/** The first target of {@link findLinks}. */
export function findLink(resource: Resource, ...names: readonly string[]): string | undefined {
  return findLinks(resource, ...names)[0];
}

/** @throws UNSUPPORTED when the resource has no such link: this controller cannot do what the link would lead to */
export function requireLink(resource: Resource, ...names: readonly string[]): string {
  const found = findLink(resource, ...names);
  if (found !== undefined) return found;
  throw new FerricError('UNSUPPORTED', `${resource.path} has no ${names.join(' or ')}: this controller or its firmware does not offer it`, {
    details: { resource: resource.path, links: [...names] },
  });
}

/** Several names, for the property is spelt differently by the styles: the first that is there counts. */
function targetsOf(value: JsonValue | undefined, resource: string, property: string): readonly string[] {
  // A plain text is no link here: Id or Name of the resource would be taken for one.
  const candidates = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  return candidates.filter(isObject).flatMap((candidate) => linkTarget(candidate, resource, property) ?? []);
}
