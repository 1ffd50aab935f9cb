import { readCommand, writeCommand, type RibclAcknowledgement, type RibclCommand } from '../command.js';
import { attributeOf, childrenOf, type RibclElement } from '../wire/element.js';
import { bootDeviceKind, type RibclBootDevice, type RibclBootOrder } from './boot-devices.js';
import { wholeNumber } from './facts.js';
import { checkInputs, textIssue } from './inputs.js';

const LONGEST_ORDER = 64;

/** The persistent boot order. Source: HPE iLO 4 Scripting and Command Line Guide, GET_PERSISTENT_BOOT; proliantutils, ilo/ribcl.py, for UEFI mode. */
export function readPersistentBoot(): RibclCommand<RibclBootOrder> {
  return readCommand('GET_PERSISTENT_BOOT', { group: 'SERVER_INFO', answers: ['PERSISTENT_BOOT', 'GET_PERSISTENT_BOOT'] }, (payload) => {
    const devices = childrenOf(payload, 'DEVICE').length > 0 ? childrenOf(payload, 'DEVICE').flatMap(readDevice) : readNumbered(payload);
    return { mode: devices.some((device) => device.description !== undefined) ? 'uefi' : 'bios', devices };
  });
}

/**
 * Sets the persistent boot order. Source: same guide, SET_PERSISTENT_BOOT.
 * @param ids as {@link readPersistentBoot} gives them
 * @throws INVALID_OPTIONS for an empty or much too long list, or names that cannot be any.
 */
export function setPersistentBoot(ids: readonly string[]): RibclCommand<RibclAcknowledgement> {
  const fits = ids.length >= 1 && ids.length <= LONGEST_ORDER;
  checkInputs('Persistent boot order', [
    fits ? undefined : { field: 'ids', problem: 'invalid', expected: `1 to ${LONGEST_ORDER} devices`, received: String(ids.length) },
    ...ids.map((id, index) => textIssue(`ids.${index}`, id, 64)),
  ]);
  const children = ids.map((id) => ({ name: 'DEVICE', attributes: { VALUE: id } }));
  return writeCommand('SET_PERSISTENT_BOOT', { group: 'SERVER_INFO', children });
}

function readDevice(element: RibclElement): readonly RibclBootDevice[] {
  const id = attributeOf(element, 'VALUE');
  if (id === undefined || id === '') return [];
  const description = attributeOf(element, 'DESCRIPTION')?.replace(/\s+/g, ' ');
  return [{ id, ...(description === undefined ? {} : { description }), kind: bootDeviceKind(id, description) }];
}

/** iLO 2 answers with one element for each device, whose value is its place. */
function readNumbered(payload: RibclElement): readonly RibclBootDevice[] {
  return payload.children
    .map((child) => ({ id: child.name, place: wholeNumber(attributeOf(child, 'VALUE')) ?? Infinity }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ id }) => ({ id, kind: bootDeviceKind(id) }));
}
