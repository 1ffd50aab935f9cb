import type { JsonValue } from '@ferric/core';
import { faults } from '../../fault.js';
import { isObject } from '../http/body-readers.js';
import { pythonScalar } from '../http/python-text.js';
import type { ValueKind } from '../table/input.js';
import { requirePlainObject } from '../table/value-kinds.js';

/** The lists of a network description. Source: OpenStack Nova, network_data.json, as Ironic's default schema for it. */
const LISTS = ['links', 'networks', 'services'] as const;
const REQUIRED: readonly string[] = ['links', 'networks'];

/** Static network configuration of the deploy agent: `{}` or lists of links, networks and services. */
export const networkData: ValueKind = {
  schema: {
    type: ['object', 'null'],
    properties: Object.fromEntries(LISTS.map((name) => [name, { type: 'array', items: { type: 'object' } }])),
    additionalProperties: false,
  },
  check(_name, value, place) {
    const document = requirePlainObject(value, place);
    const names = Object.keys(document);
    if (names.length === 0) return document;
    const unknown = names.find((name) => !(LISTS as readonly string[]).includes(name));
    if (unknown !== undefined) throw invalid(`Additional properties are not allowed (${pythonScalar(unknown)} was unexpected)`);
    const missing = REQUIRED.find((name) => !names.includes(name));
    if (missing !== undefined) throw invalid(`'${missing}' is a required property`);
    for (const list of Object.values(document)) requireObjects(list);
    return document;
  },
};

function requireObjects(list: JsonValue): void {
  if (!Array.isArray(list)) throw invalid(`${pythonScalar(list)} is not of type 'array'`);
  for (const item of list as readonly JsonValue[]) {
    if (!isObject(item)) throw invalid(`${pythonScalar(item)} is not of type 'object'`);
  }
}

function invalid(problem: string): Error {
  return faults.invalid(`Invalid network_data: ${problem}`);
}
