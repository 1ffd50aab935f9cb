import { readCommand, type RibclCommand } from '../command.js';
import { attributeOf, childrenOf, type RibclElement } from '../wire/element.js';
import { wholeNumber } from './facts.js';
import { unreadable } from '../wire/unreadable.js';

/** One structure of the server's SMBIOS tables. Source: DMTF DSP0134. */
export interface SmbiosRecord {
  readonly type: number;
  /** The structure with its strings, as it stands in the table. */
  readonly bytes: Uint8Array;
  /** What the controller decoded of it, in order; a name may come more than once. Values keep their blanks. */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

/** The SMBIOS tables of the server. Source: HPE iLO 4 Scripting and Command Line Guide, GET_HOST_DATA. */
export function readHostData(): RibclCommand<readonly SmbiosRecord[]> {
  return readCommand('GET_HOST_DATA', { group: 'SERVER_INFO' }, (payload) => childrenOf(payload, 'SMBIOS_RECORD').map(readRecord));
}

function readRecord(element: RibclElement): SmbiosRecord {
  const type = wholeNumber(attributeOf(element, 'TYPE'));
  if (type === undefined || type < 0 || type > 255) throw unreadable('an SMBIOS record has no type', attributeOf(element, 'TYPE'));
  return {
    type,
    bytes: Uint8Array.from(Buffer.from(attributeOf(element, 'B64_DATA') ?? '', 'base64')),
    fields: childrenOf(element, 'FIELD').map((field) => ({ name: attributeOf(field, 'NAME') ?? '', value: field.attributes.get('VALUE') ?? '' })),
  };
}
