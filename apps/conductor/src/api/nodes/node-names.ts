import { isUuid, RESERVED_NODE_NAMES } from '@ferric/core';
import { faults } from '../../fault.js';
import type { ValueKind } from '../table/input.js';
import { requireText } from '../table/value-kinds.js';

/** First minor version that knows nodes by name. */
export const NAMES_SINCE = 5;

/** What a name may look like, newest rule first. Source: Ironic, ironic/api/controllers/v1/utils.py (is_valid_logical_name). */
const NAME_RULES: readonly { readonly since: number; readonly pattern: RegExp }[] = [
  { since: 10, pattern: /^[A-Za-z0-9\-._~]{1,255}$/ },
  { since: NAMES_SINCE, pattern: /^(?=.{1,255}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i },
];

/** A name that a node may have in this version. */
function isName(name: string, version: number): boolean {
  const rule = NAME_RULES.find(({ since }) => version >= since);
  return rule !== undefined && rule.pattern.test(name) && !isUuid(name);
}

/** The name of a node, as creations and patches give it. */
export const nodeName: ValueKind = {
  schema: { type: ['string', 'null'], maxLength: 255, pattern: '^[A-Za-z0-9._~-]+$' },
  check(_name, value, place) {
    const name = requireText(value, place);
    if (!isName(name, place.version)) throw place.operation === 'create' ? faults.invalidNodeName(name) : faults.invalidNodeNameChange(name);
    if (RESERVED_NODE_NAMES.has(name)) {
      const reserved = [...RESERVED_NODE_NAMES].join(', ');
      throw faults.invalid(`The word "${name}" is reserved and can not be used as a node name. Reserved words are: ${reserved}.`);
    }
    return name;
  },
};

/**
 * A node's UUID or name as a path gives it.
 * @throws RequestFault 404 for what can be neither in this version.
 */
export function nodeIdentifier(given: string, version: number): string {
  if (isUuid(given)) return given.toLowerCase();
  if (isName(given, version)) return given;
  throw faults.nodeNotFound(given);
}
