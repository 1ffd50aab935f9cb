import { decodeSdrRecord } from '@ferric/ipmi-raw-buffer';
import { decodeNmAnswer, locationOf } from '../src/client/index.js';

/** The decoders of Node Manager for the common fuzz test: each takes any bytes, and yields a value or throws PROTOCOL_FAULT. */
export const NM_DECODERS: readonly { readonly name: string; decode(bytes: Uint8Array): unknown }[] = [
  { name: 'get_nm_version', decode: (bytes) => decodeNmAnswer('get_nm_version', bytes, {}) },
  { name: 'get_nm_capabilities', decode: (bytes) => decodeNmAnswer('get_nm_capabilities', bytes, { domainId: 'platform', policyTrigger: 'none', powerDomain: 'primary' }) },
  { name: 'get_nm_policy', decode: (bytes) => decodeNmAnswer('get_nm_policy', bytes, { domainId: 'platform', policyId: 0 }) },
  { name: 'get_nm_policy_suspend', decode: (bytes) => decodeNmAnswer('get_nm_policy_suspend', bytes, { domainId: 'platform', policyId: 0 }) },
  { name: 'get_nm_statistics', decode: (bytes) => decodeNmAnswer('get_nm_statistics', bytes, { scope: 'global', domainId: 'platform', parameterName: 'power' }) },
  { name: 'reset_nm_statistics', decode: (bytes) => decodeNmAnswer('reset_nm_statistics', bytes, { scope: 'global', domainId: 'platform' }) },
  { name: 'Node Manager discovery record', decode: (bytes) => locationOf(decodeSdrRecord(bytes)) ?? null },
];
