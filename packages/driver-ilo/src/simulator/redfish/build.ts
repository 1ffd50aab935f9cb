import type { JsonObject } from '@ferric/core';
import type { RestContext } from '../rest/resource.js';

/** Versions of schemas where clients look at them, of iLO 5 and of iLO 6. The others are 1.0.0. */
const VERSIONS: Readonly<Record<string, readonly [ilo5: string, ilo6: string]>> = {
  ServiceRoot: ['v1_5_1', 'v1_13_0'],
  ComputerSystem: ['v1_10_0', 'v1_17_0'],
  Manager: ['v1_5_1', 'v1_14_0'],
  Chassis: ['v1_10_2', 'v1_19_2'],
  VirtualMedia: ['v1_3_0', 'v1_4_1'],
  UpdateService: ['v1_2_1', 'v1_11_1'],
  Processor: ['v1_7_2', 'v1_16_0'],
  Memory: ['v1_7_1', 'v1_14_0'],
  EthernetInterface: ['v1_4_1', 'v1_8_0'],
  Storage: ['v1_7_0', 'v1_12_0'],
  Drive: ['v1_7_0', 'v1_14_0'],
  Volume: ['v1_4_0', 'v1_6_2'],
  HpeComputerSystemExt: ['v2_8_0', 'v2_13_0'],
  HpeiLO: ['v2_8_0', 'v2_11_0'],
  HpeiLOResourceDirectory: ['v2_0_0', 'v2_0_0'],
};

/** `#Manager.v1_5_1.Manager`. */
function odataType(context: RestContext, type: string): string {
  const versions = VERSIONS[type];
  if (type.endsWith('Collection')) return `#${type}.${type}`;
  return `#${type}.${versions?.[context.machine.identity.facts.iloNumber === 6 ? 1 : 0] ?? 'v1_0_0'}.${type}`;
}

export const link = (context: RestContext, path: string): JsonObject => ({ '@odata.id': context.href(path) });

/** A resource with what all have in common; its Id is the last part of the path. */
export function resource(context: RestContext, path: string, type: string, fields: JsonObject): JsonObject {
  return {
    '@odata.context': `/redfish/v1/$metadata#${type}.${type}`,
    '@odata.id': context.href(path),
    '@odata.type': odataType(context, type),
    Id: path.split('/').at(-1) ?? path,
    ...fields,
  };
}

export function collection(context: RestContext, path: string, type: string, members: readonly string[], fields: JsonObject = {}): JsonObject {
  return {
    '@odata.context': `/redfish/v1/$metadata#${type}.${type}`,
    '@odata.id': context.href(path),
    '@odata.type': odataType(context, type),
    Description: `${type} view`,
    Name: type,
    Members: members.map((member) => link(context, member)),
    'Members@odata.count': members.length,
    ...fields,
  };
}

/** The vendor's part, with its type. */
export function oem(context: RestContext, type: string, fields: JsonObject): JsonObject {
  return { Hpe: { '@odata.context': `/redfish/v1/$metadata#${type}.${type}`, '@odata.type': odataType(context, type), ...fields } };
}

export const OK = { Health: 'OK', State: 'Enabled' } as const;
