import type { JsonObject } from '@ferric/core';
import { isObject, valueOf } from './readers.js';

/** Names under which HPE keeps its own properties: iLO 4, and iLO 5 and later. Source: HPE iLO 5 RESTful API, "Adapting from iLO 4". */
const OEM_KEYS = ['Hpe', 'Hp'] as const;

/** What the vendor added to a resource or a part of one, whatever the vendor calls itself in this firmware; empty when nothing. */
export function oem(object: JsonObject): JsonObject {
  const parent = valueOf(object, 'Oem');
  if (!isObject(parent)) return {};
  const parts = OEM_KEYS.map((key) => valueOf(parent, key)).filter(isObject);
  return parts[0] ?? {};
}

/** The name under which the vendor's properties stand in a resource, which a change must use too; undefined when there are none. */
export function oemKey(object: JsonObject): string | undefined {
  const parent = valueOf(object, 'Oem');
  return isObject(parent) ? OEM_KEYS.find((key) => isObject(valueOf(parent, key))) : undefined;
}
