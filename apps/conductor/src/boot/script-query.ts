import { isUuid } from '@ferric/core';
import { readPortAddress } from '@ferric/ipxe-config';

/** What a machine may say of itself. */
export type ScriptQuery = { readonly nodeUuid: string } | { readonly portAddress: string };

/** Reads the query of a request for a script: exactly one of `node_uuid` and `port_address`. A text says what is wrong. */
export function readScriptQuery(query: Readonly<Record<string, unknown>>): ScriptQuery | string {
  const { node_uuid: nodeUuid, port_address: portAddress, ...others } = query;
  const unknown = Object.keys(others);
  if (unknown.length > 0) return 'Unexpected arguments: only node_uuid or port_address is accepted.';
  if (nodeUuid !== undefined && portAddress !== undefined) return 'Only one of node_uuid and port_address is accepted.';
  if (nodeUuid !== undefined) {
    return typeof nodeUuid === 'string' && isUuid(nodeUuid) ? { nodeUuid: nodeUuid.toLowerCase() } : 'Expected one UUID for node_uuid.';
  }
  if (portAddress === undefined) return 'One of node_uuid and port_address is required.';
  const address = typeof portAddress === 'string' ? readPortAddress(portAddress) : undefined;
  return address === undefined ? 'Expected one MAC address for port_address.' : { portAddress: address };
}
