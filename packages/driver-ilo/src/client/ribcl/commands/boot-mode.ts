import type { BootModeName } from '@ferric/core';
import { readCommand, writeCommand, type RibclAcknowledgement, type RibclCommand } from '../command.js';
import { valueAt } from '../wire/element.js';
import { oneOf } from './facts.js';
import { checkInputs, wordIssue } from './inputs.js';

const MODES: Readonly<Record<string, BootModeName | null>> = { LEGACY: 'bios', UEFI: 'uefi', UNKNOWN: null };
const SUPPORTED: Readonly<Record<string, readonly BootModeName[]>> = { LEGACY_ONLY: ['bios'], UEFI_ONLY: ['uefi'], LEGACY_UEFI: ['bios', 'uefi'] };
const WORDS: Readonly<Record<BootModeName, string>> = { bios: 'LEGACY', uefi: 'UEFI' };

/**
 * The mode in which the server was booted; null when the controller does not know. Fails with UNSUPPORTED on hardware without UEFI.
 * Source: HPE iLO 4 Scripting and Command Line Guide, GET_CURRENT_BOOT_MODE.
 */
export function readCurrentBootMode(): RibclCommand<BootModeName | null> {
  return readModeCommand('GET_CURRENT_BOOT_MODE');
}

/** The mode of the next boot; null when the controller does not know. Fails with UNSUPPORTED on hardware without UEFI. Source: same guide, GET_PENDING_BOOT_MODE. */
export function readPendingBootMode(): RibclCommand<BootModeName | null> {
  return readModeCommand('GET_PENDING_BOOT_MODE');
}

/** The modes that the server can boot in. Fails with UNSUPPORTED on hardware without UEFI. Source: same guide, GET_SUPPORTED_BOOT_MODE. */
export function readSupportedBootModes(): RibclCommand<readonly BootModeName[]> {
  return readCommand('GET_SUPPORTED_BOOT_MODE', { group: 'SERVER_INFO' }, (payload) =>
    oneOf(SUPPORTED, valueAt(payload, 'SUPPORTED_BOOT_MODE'), 'the supported boot modes', payload));
}

/**
 * Sets the mode of the next boots; it counts after a reset of the server. Source: same guide, SET_PENDING_BOOT_MODE.
 * @throws INVALID_OPTIONS for any other word.
 */
export function setPendingBootMode(mode: BootModeName): RibclCommand<RibclAcknowledgement> {
  checkInputs('Boot mode', [wordIssue('mode', mode, Object.keys(WORDS))]);
  return writeCommand('SET_PENDING_BOOT_MODE', { group: 'SERVER_INFO', attributes: { VALUE: WORDS[mode] } });
}

function readModeCommand(name: string): RibclCommand<BootModeName | null> {
  return readCommand(name, { group: 'SERVER_INFO' }, (payload) => oneOf(MODES, valueAt(payload, 'BOOT_MODE'), 'the boot mode', payload));
}
