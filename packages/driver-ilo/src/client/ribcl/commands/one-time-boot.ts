import { readCommand, writeCommand, type RibclAcknowledgement, type RibclCommand } from '../command.js';
import { attributeOf, elementAt } from '../wire/element.js';
import { required } from './facts.js';
import { checkInputs, textIssue } from './inputs.js';

/** Where the next boot goes. Firmware in UEFI mode has more: the names of its boot entries (`Boot000B`), RBSU, UEFI_SHELL. */
export const ONE_TIME_BOOT_DEVICES = ['NORMAL', 'FLOPPY', 'CDROM', 'HDD', 'NETWORK', 'USB'] as const;

/**
 * Where the next boot goes, in upper case; NORMAL when nothing is set. Boot entries keep the spelling of the controller.
 * Source: HPE iLO 4 Scripting and Command Line Guide, GET_ONE_TIME_BOOT; python-hpilo, hpilo.py, for the names of older answers.
 */
export function readOneTimeBoot(): RibclCommand<string> {
  return readCommand('GET_ONE_TIME_BOOT', { group: 'SERVER_INFO', answers: ['ONE_TIME_BOOT', 'GET_ONE_TIME_BOOT'] }, (payload) => {
    const type = elementAt(payload, 'BOOT_TYPE');
    const device = required(attributeOf(type, 'VALUE') ?? attributeOf(type, 'DEVICE'), 'the one-time boot device', payload);
    return /^boot[\da-f]{4}$/i.test(device) ? device : device.toUpperCase();
  });
}

/**
 * Sets where the next boot goes: one of {@link ONE_TIME_BOOT_DEVICES} or the name of a boot entry. Source: same guide, SET_ONE_TIME_BOOT.
 * @throws INVALID_OPTIONS for a name that cannot be one.
 */
export function setOneTimeBoot(device: string): RibclCommand<RibclAcknowledgement> {
  checkInputs('One-time boot', [textIssue('device', device, 64)]);
  return writeCommand('SET_ONE_TIME_BOOT', { group: 'SERVER_INFO', attributes: { VALUE: device } });
}
