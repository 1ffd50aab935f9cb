import type { JsonObject, JsonValue } from '@ferric/core';
import type { BiosAttributes } from '../machine/bios.js';
import { etagOf } from './etag.js';
import type { Resource, RestContext } from './resource.js';
import { asObject, asText } from './resource.js';
import { findResource } from './route.js';
import type { RestService } from './service.js';

// What an iLO says of itself: which resources it has, and what can be written to them. HPE's own client finds nothing and writes nothing without.
// Source: HPE python3-ilorest, redfish/ris/ris.py (_populatecollections) and validation.py; HPE iLO RESTful API, HpeiLOResourceDirectory.

/** A resource that a client can find. */
export interface Described {
  readonly href: string;
  /** As the service presents it. */
  readonly body: JsonObject;
  readonly resource: Resource;
}

/** Resources that describe others, and what there is too much of, are found by their own links only. */
const NOT_LISTED = /^(JsonSchemas|Schemas|SchemaStore|Registries|RegistryStore|ResourceDirectory)(\/|$)|\/Entries\/\{\}$/;

/** All resources that can be reached by links from the root, the root first. */
export function describeAll(service: RestService, context: RestContext): readonly Described[] {
  // Nobody reads the state of the self test by this.
  const still: RestContext = { ...context, postState: () => context.machine.power.postState };
  const found = new Map<string, Described>();
  const waiting = [service.href('')];
  for (let href = waiting.shift(); href !== undefined; href = waiting.shift()) {
    const key = href.toLowerCase();
    const described = found.has(key) ? undefined : describe(service, still, href);
    if (described === undefined) continue;
    found.set(key, described);
    waiting.push(...linksIn(described.body));
  }
  return [...found.values()];
}

function describe(service: RestService, context: RestContext, href: string): Described | undefined {
  if (!href.toLowerCase().startsWith(service.root)) return undefined;
  const found = findResource(service.resources, href.slice(service.root.length));
  if (found === undefined || NOT_LISTED.test(found.resource.path) || found.resource.exists?.(context) === false) return undefined;
  const shown = found.resource.read?.(context, found.member);
  return shown === undefined ? undefined : { href, body: service.present(context, found.resource.path, shown), resource: found.resource };
}

function linksIn(value: JsonValue): readonly string[] {
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap(linksIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const isLink = typeof inner === 'string' && (name === '@odata.id' || name === 'href');
    // What follows a `#` is a part of a resource.
    return isLink ? [inner.split('#')[0] ?? ''] : linksIn(inner);
  });
}

/** The type of a resource in full: `#ComputerSystem.v1_10_0.ComputerSystem`, or `ComputerSystem.1.0.1` of the old style. */
export const typeOf = (body: JsonObject): string | undefined => asText(body['@odata.type']) ?? asText(body['Type']);

/** The name of a type, without its version: `ComputerSystem`. */
export const nameOfType = (type: string): string => type.replace(/^#/, '').split('.')[0] ?? type;

/** One line of the directory of resources. */
export function directoryEntry({ href, body, resource }: Described, isOld: boolean): JsonObject {
  const methods = [
    'GET', 'HEAD',
    ...(resource.post === undefined ? [] : ['POST']),
    ...(resource.put === undefined ? [] : ['PUT']),
    ...(resource.patch === undefined ? [] : ['PATCH']),
    ...(resource.remove === undefined ? [] : ['DELETE']),
  ];
  const old = { href, Type: asText(body['Type']) ?? null };
  const late = { '@odata.id': href, '@odata.type': asText(body['@odata.type']) ?? null };
  return { ...(isOld ? old : {}), ...('@odata.type' in body ? late : {}), ETag: etagOf(body), HttpMethods: methods };
}

/** The schemas of all types, by their names. Resources of one type share one; @param attributes what the registry of the BIOS tells of instead */
export function schemasOf(all: readonly Described[], attributes: BiosAttributes): ReadonlyMap<string, JsonObject> {
  const schemas = new Map<string, JsonObject>();
  for (const { body, resource } of all) {
    const type = typeOf(body);
    if (type === undefined) continue;
    const name = nameOfType(type);
    const shown = 'AttributeRegistry' in body ? withoutAttributes(body, attributes) : body;
    const properties = { ...asObject(schemas.get(name)?.['properties']), ...propertiesOf(shown, '', new Set(resource.writable)) };
    const oldTitle = asText(body['Type']);
    schemas.set(name, {
      $schema: 'http://json-schema.org/draft-04/schema#',
      title: type,
      ...(oldTitle === undefined ? {} : { oldtitle: oldTitle }),
      type: 'object',
      readonly: false,
      additionalProperties: false,
      description: `The ${name} resource.`,
      properties,
    });
  }
  return schemas;
}

/** A resource of the BIOS without what stands in `Attributes`, or in the old style beside it. */
function withoutAttributes(body: JsonObject, attributes: BiosAttributes): JsonObject {
  const kept = Object.entries(body).filter(([property]) => !(property in attributes));
  return Object.fromEntries(kept.map(([property, value]) => [property, property === 'Attributes' ? {} : value]));
}

function propertiesOf(body: JsonObject, before: string, writable: ReadonlySet<string>): JsonObject {
  const entries = Object.entries(body).map(([name, value]): [string, JsonValue] => {
    const path = before === '' ? name : `${before}.${name}`;
    const isWritable = writable.has(path) || writable.has('*') || [...writable].some((each) => each.startsWith(`${path}.`));
    const allowed = body[`${name}@Redfish.AllowableValues`] ?? body[`${name.replace(/Target$/, '')}Supported`];
    return [name, { ...typeOfValue(value, path, writable), ...(Array.isArray(allowed) && !Array.isArray(value) ? { enum: allowed } : {}), readonly: !isWritable }];
  });
  return Object.fromEntries(entries);
}

function typeOfValue(value: JsonValue, path: string, writable: ReadonlySet<string>): JsonObject {
  if (Array.isArray(value)) return { type: 'array', items: typeOfValue((value as readonly JsonValue[])[0] ?? '', path, writable) };
  if (value === null) return { type: ['string', 'null'] };
  return typeof value === 'object' ? { type: 'object', properties: propertiesOf(value as JsonObject, path, writable) } : { type: typeof value };
}
