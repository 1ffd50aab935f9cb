import { printValue } from '@ferric/core';
import { writeCommand, type RibclAcknowledgement, type RibclCommand } from '../command.js';
import { checkInputs, textIssue, wordIssue, yesOrNo } from './inputs.js';

/** What is updated: the controller itself, or the part of the server that the image is for. */
export const FIRMWARE_COMPONENTS = ['ilo', 'cpld', 'power_pic', 'bios', 'chassis'] as const;
export type RibclFirmwareComponent = (typeof FIRMWARE_COMPONENTS)[number];

/** An image that was uploaded before. */
export interface RibclFirmwareUpdate {
  readonly component: RibclFirmwareComponent;
  /** The name under which it was uploaded. */
  readonly fileName: string;
  /** Bytes. */
  readonly length: number;
  /** Go on although the server has a trusted platform module, whose measurements will change. Default true. */
  readonly despiteTpm?: boolean;
}

/** Checking and writing an image takes minutes, during which the controller keeps the connection open. Milliseconds. */
const UPDATE_TIMEOUT_MS = 20 * 60_000;

/**
 * Writes an image that was uploaded before; `RibclClient.updateFirmware` does both. The controller starts again when its own firmware was
 * updated. Source: HPE iLO 4 Scripting and Command Line Guide, UPDATE_RIB_FIRMWARE; proliantutils, ilo/ribcl.py, for UPDATE_FIRMWARE.
 * @throws INVALID_OPTIONS for a component, name or length that cannot be one.
 */
export function writeFirmware(update: RibclFirmwareUpdate): RibclCommand<RibclAcknowledgement> {
  const { component, fileName, length, despiteTpm = true } = update;
  checkInputs('Firmware update', [
    wordIssue('component', component, FIRMWARE_COMPONENTS),
    textIssue('fileName', fileName, 255),
    Number.isSafeInteger(length) && length > 0 ? undefined : { field: 'length', problem: 'invalid', expected: 'a number of bytes', received: printValue(length) },
  ]);
  return writeCommand(component === 'ilo' ? 'UPDATE_RIB_FIRMWARE' : 'UPDATE_FIRMWARE', {
    group: 'RIB_INFO',
    attributes: { IMAGE_LOCATION: fileName, IMAGE_LENGTH: String(length) },
    before: [{ name: 'TPM_ENABLED', attributes: { VALUE: yesOrNo(despiteTpm) } }],
    timeoutMs: UPDATE_TIMEOUT_MS,
  });
}
