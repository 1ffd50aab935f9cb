import { invalidOptions, printValue } from '@ferric/core';

/** Namespaces of WS-Management and what it stands on. Source: DSP0226 1.2, annex A. */
export const NAMESPACES = {
  soap: 'http://www.w3.org/2003/05/soap-envelope',
  addressing: 'http://schemas.xmlsoap.org/ws/2004/08/addressing',
  wsman: 'http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd',
  transfer: 'http://schemas.xmlsoap.org/ws/2004/09/transfer',
  enumeration: 'http://schemas.xmlsoap.org/ws/2004/09/enumeration',
  cimCommon: 'http://schemas.dmtf.org/wbem/wscim/1/common',
} as const;

/** Where answers go: back over the connection they were asked on. Source: WS-Addressing (2004/08), section 2.1. */
export const ANONYMOUS = `${NAMESPACES.addressing}/role/anonymous`;

/**
 * Resource URIs by the prefix of the class name. Source: DSP0227 for CIM; Intel AMT Implementation and Reference Guide, page "WS-Management
 * Resource URIs", for AMT and IPS.
 */
const RESOURCE_BASES: Readonly<Record<string, string>> = {
  CIM: 'http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/',
  AMT: 'http://intel.com/wbem/wscim/1/amt-schema/1/',
  IPS: 'http://intel.com/wbem/wscim/1/ips-schema/1/',
};

const CLASS_NAME = /^([A-Za-z]+)_[A-Za-z0-9_]+$/;

/**
 * The resource URI of a class, which is also the namespace of its fields.
 * @throws INVALID_OPTIONS for a name without one of the known prefixes.
 */
export function resourceUri(className: string): string {
  const base = RESOURCE_BASES[CLASS_NAME.exec(className)?.[1] ?? ''];
  if (base !== undefined) return `${base}${className}`;
  throw invalidOptions('WS-Management request', [
    { field: 'resource', problem: 'invalid', expected: `a class name that begins with ${Object.keys(RESOURCE_BASES).join('_, ')}_`, received: printValue(className) },
  ]);
}

/** The class of a resource URI: its last part. */
export function classOf(uri: string): string {
  return uri.slice(uri.lastIndexOf('/') + 1);
}
