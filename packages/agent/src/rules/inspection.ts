import { isIP } from 'node:net';
import { FerricError, normalizeMacAddress, printValue, type JsonObject, type JsonValue } from '@ferric/core';
import { AGENT_JSON_BOUNDS, asObject, isWithinBounds } from '../client/agent-json.js';
import { validMacAddresses } from './lookup.js';

/** What the agent found on a machine. */
export interface InspectionReport {
  readonly inventory: JsonObject;
  /** Everything else that came, by its collectors. */
  readonly pluginData: JsonObject;
  /** MAC addresses of the interfaces, lower case with colons, each once. Empty when none of them has one that can be used. */
  readonly macs: readonly string[];
  /** Addresses of the machine's BMC that can lead to it. */
  readonly bmcAddresses: readonly string[];
  /** What went wrong in the ramdisk, in its words; null when nothing did. */
  readonly error: string | null;
  /** MAC address of the interface it was booted from. */
  readonly bootInterface: string | undefined;
}

const LONGEST_ERROR = 16_384;

/**
 * Reads the body of `POST /v1/continue_inspection`. Required is one interface with a MAC address; everything else is free and kept.
 * @throws INVALID_OPTIONS naming what is missing or too large.
 * Source: Ironic, ironic/api/controllers/v1/ramdisk.py (DATA_VALIDATOR); ironic-python-agent, ironic_python_agent/inspector.py.
 */
export function readInspection(body: unknown): InspectionReport {
  const report = asObject(body);
  if (report === undefined) throw refusal('body', 'a JSON object', body);
  if (!isWithinBounds(report)) {
    throw refusal('body', `a document of at most ${AGENT_JSON_BOUNDS.values} values, ${AGENT_JSON_BOUNDS.depth} inside each other`);
  }
  const { inventory: found, ...pluginData } = report;
  const inventory = asObject(found);
  if (inventory === undefined) throw refusal('inventory', 'an object', found);
  const addresses = interfaceAddresses(inventory['interfaces']);
  return {
    inventory,
    pluginData,
    macs: validMacAddresses(addresses),
    bmcAddresses: [inventory['bmc_address'], inventory['bmc_v6address']].flatMap((address) => usableAddress(address) ?? []),
    error: readError(report['error']),
    bootInterface: normalizeBootInterface(report['boot_interface']) ?? normalizeBootInterface(asObject(inventory['boot'])?.['pxe_interface']),
  };
}

/**
 * The MAC address in the kernel parameter BOOTIF: `01-52-54-00-cf-2d-31` from PXELINUX, which puts the hardware type first,
 * `52:54:00:cf:2d:31` from iPXE; undefined for anything else.
 */
export function normalizeBootInterface(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return normalizeMacAddress(text) ?? normalizeMacAddress(text.replace(/^[0-9a-f]{2}[:-]/i, ''));
}

function interfaceAddresses(interfaces: JsonValue | undefined): readonly string[] {
  if (!Array.isArray(interfaces)) throw refusal('inventory.interfaces', 'a list', interfaces);
  const addresses = interfaces.map((entry: JsonValue) => asObject(entry)?.['mac_address']).filter((address) => typeof address === 'string');
  if (addresses.length === 0) throw refusal('inventory.interfaces', 'a list in which at least one interface has a mac_address', interfaces);
  return addresses;
}

/** The agent tells `0.0.0.0` and `::/0` of a BMC without address, and may add the length of the network. */
function usableAddress(value: JsonValue | undefined): string | undefined {
  const address = typeof value === 'string' ? value.trim().replace(/\/\d+$/, '').toLowerCase() : '';
  return isIP(address) === 0 || ['0.0.0.0', '::'].includes(address) ? undefined : address;
}

function readError(value: JsonValue | undefined): string | null {
  if (value === undefined || value === null || value === '' || value === false) return null;
  return typeof value === 'string' ? value.slice(0, LONGEST_ERROR) : printValue(value);
}

function refusal(field: string, expected: string, received?: unknown): FerricError {
  const came = received === undefined ? '' : `, got ${printValue(received)}`;
  return new FerricError('INVALID_OPTIONS', `Inspection data: ${field} must be ${expected}${came}`, { details: { field } });
}
