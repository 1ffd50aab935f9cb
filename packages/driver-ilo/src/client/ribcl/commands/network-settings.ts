import { invalidOptions, normalizeMacAddress, printValue, type OptionIssue } from '@ferric/core';
import { readCommand, writeCommand, type RibclAcknowledgement, type RibclCommand } from '../command.js';
import { isYes, valueAt } from '../wire/element.js';
import { attributesOf, textOrNull } from './facts.js';
import { textIssue, yesOrNo } from './inputs.js';

/** How the controller is attached to its network. Null for what it does not tell. */
export interface RibclNetworkSettings {
  readonly enabled: boolean;
  /** Lower case with colons. */
  readonly macAddress: string | null;
  readonly dhcp: boolean;
  readonly ipAddress: string | null;
  readonly subnetMask: string | null;
  readonly gateway: string | null;
  readonly dnsName: string | null;
  readonly domainName: string | null;
  /** Every setting by its name in upper case, with its attributes: `{ SPEED_AUTOSELECT: { VALUE: 'Y' }, STATIC_ROUTE_1: { DEST, MASK, GATEWAY } }`. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** New values by the name of the setting: a text or truth value for VALUE, or several attributes, as routes have them. */
export type RibclNetworkChanges = Readonly<Record<string, string | boolean | Readonly<Record<string, string>>>>;

const NAME = /^[A-Z][A-Z0-9_]{0,63}$/;
const LONGEST_VALUE = 256;

/** How the controller is attached to its network. Source: HPE iLO 4 Scripting and Command Line Guide, GET_NETWORK_SETTINGS. */
export function readNetworkSettings(): RibclCommand<RibclNetworkSettings> {
  return readCommand('GET_NETWORK_SETTINGS', { group: 'RIB_INFO' }, (payload) => ({
    enabled: isYes(valueAt(payload, 'ENABLE_NIC')),
    macAddress: normalizeMacAddress(valueAt(payload, 'MAC_ADDRESS') ?? '') ?? null,
    dhcp: isYes(valueAt(payload, 'DHCP_ENABLE')),
    ipAddress: textOrNull(valueAt(payload, 'IP_ADDRESS')),
    subnetMask: textOrNull(valueAt(payload, 'SUBNET_MASK')),
    gateway: textOrNull(valueAt(payload, 'GATEWAY_IP_ADDRESS')),
    dnsName: textOrNull(valueAt(payload, 'DNS_NAME')),
    domainName: textOrNull(valueAt(payload, 'DOMAIN_NAME')),
    settings: Object.fromEntries(payload.children.map((child) => [child.name, attributesOf(child)])),
  }));
}

/**
 * Changes how the controller is attached to its network. It starts again and may be somewhere else then. Source: same guide, MOD_NETWORK_SETTINGS.
 * @param changes `{ DHCP_ENABLE: false, IP_ADDRESS: '192.0.2.10', STATIC_ROUTE_1: { DEST: '…', MASK: '…', GATEWAY: '…' } }`
 * @throws INVALID_OPTIONS for no change at all, or names and values that cannot be any.
 */
export function changeNetworkSettings(changes: RibclNetworkChanges): RibclCommand<RibclAcknowledgement> {
  const entries = Object.entries(changes);
  const issues = entries.length === 0 ? [noChange] : entries.flatMap(([name, value]) => changeIssues(name, value));
  if (issues.length > 0) throw invalidOptions('Network settings', issues);
  const children = entries.map(([name, value]) => ({ name, attributes: toAttributes(value) }));
  return writeCommand('MOD_NETWORK_SETTINGS', { group: 'RIB_INFO', children });
}

const noChange: OptionIssue = { field: 'changes', problem: 'missing', expected: 'at least one setting with its new value' };

function changeIssues(name: string, value: RibclNetworkChanges[string]): readonly OptionIssue[] {
  if (!NAME.test(name)) return [{ field: 'changes', problem: 'invalid', expected: 'names of settings in upper case', received: printValue(name) }];
  return Object.entries(toAttributes(value)).flatMap(([attribute, text]) => {
    const field = attribute === 'VALUE' ? name : `${name}.${attribute}`;
    if (!NAME.test(attribute)) return [{ field, problem: 'invalid', expected: 'attributes in upper case', received: printValue(attribute) }];
    // An empty value takes a setting away.
    return text === '' ? [] : (textIssue(field, text, LONGEST_VALUE) ?? []);
  });
}

function toAttributes(value: RibclNetworkChanges[string]): Readonly<Record<string, string>> {
  if (typeof value === 'object') return value;
  return { VALUE: typeof value === 'boolean' ? yesOrNo(value) : value };
}
