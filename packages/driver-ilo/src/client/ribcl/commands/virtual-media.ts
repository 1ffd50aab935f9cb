import { printValue } from '@ferric/core';
import { readCommand, writeCommand, type RibclAcknowledgement, type RibclCommand } from '../command.js';
import { attributeOf, isYes } from '../wire/element.js';
import { required, textOrNull } from './facts.js';
import { checkInputs, wordIssue } from './inputs.js';

export const VIRTUAL_MEDIA_DEVICES = ['CDROM', 'FLOPPY'] as const;
export type RibclVirtualMediaDevice = (typeof VIRTUAL_MEDIA_DEVICES)[number];

export const VIRTUAL_MEDIA_BOOT_OPTIONS = ['BOOT_ONCE', 'BOOT_ALWAYS', 'NO_BOOT', 'CONNECT', 'DISCONNECT'] as const;
export type RibclVirtualMediaBootOption = (typeof VIRTUAL_MEDIA_BOOT_OPTIONS)[number];

/** A virtual drive. */
export interface RibclVirtualMediaStatus {
  /** `CDROM`, `FLOPPY`, or what the controller says instead. */
  readonly device: string;
  /** Whether an applet of the remote console holds the drive. */
  readonly appletConnected: boolean;
  /** NO_BOOT, BOOT_ONCE, BOOT_ALWAYS or CONNECT. */
  readonly bootOption: string;
  readonly writeProtected: boolean;
  readonly imageInserted: boolean;
  /** Null when no image is inserted by its address. */
  readonly imageUrl: string | null;
}

/** Far longer than addresses are. Characters. */
const LONGEST_URL = 1024;
const SUBJECT = 'Virtual media';

/** What is in a virtual drive. Source: HPE iLO 4 Scripting and Command Line Guide, GET_VM_STATUS. */
export function readVirtualMedia(device: RibclVirtualMediaDevice): RibclCommand<RibclVirtualMediaStatus> {
  checkInputs(SUBJECT, [deviceIssue(device)]);
  return readCommand('GET_VM_STATUS', { group: 'RIB_INFO', attributes: { DEVICE: device } }, (payload) => ({
    device: (attributeOf(payload, 'DEVICE') ?? device).toUpperCase(),
    appletConnected: attributeOf(payload, 'VM_APPLET')?.toUpperCase() === 'CONNECTED',
    bootOption: (attributeOf(payload, 'BOOT_OPTION') ?? '').toUpperCase(),
    writeProtected: isYes(attributeOf(payload, 'WRITE_PROTECT')),
    imageInserted: isYes(required(attributeOf(payload, 'IMAGE_INSERTED'), 'whether an image is inserted', payload)),
    imageUrl: textOrNull(attributeOf(payload, 'IMAGE_URL')),
  }));
}

/**
 * Inserts an image, which replaces the one that is in. The operating system sees it only after {@link setVirtualMedia} with CONNECT.
 * Needs a licence. Source: same guide, INSERT_VIRTUAL_MEDIA.
 * @throws INVALID_OPTIONS for an address that is not http or https, that is longer than 1024 characters, or that has a user in it, whose password
 * the controller would show with its status.
 */
export function insertVirtualMedia(device: RibclVirtualMediaDevice, url: URL): RibclCommand<RibclAcknowledgement> {
  checkInputs(SUBJECT, [deviceIssue(device), urlIssue(url)]);
  return writeCommand('INSERT_VIRTUAL_MEDIA', { group: 'RIB_INFO', attributes: { DEVICE: device, IMAGE_URL: url.href } });
}

/** Sets when the server boots from the drive (BOOT_ONCE, BOOT_ALWAYS, NO_BOOT), connects or disconnects it. Source: SET_VM_STATUS there. */
export function setVirtualMedia(
  device: RibclVirtualMediaDevice,
  settings: { readonly bootOption: RibclVirtualMediaBootOption; readonly writeProtected?: boolean },
): RibclCommand<RibclAcknowledgement> {
  const { bootOption, writeProtected = true } = settings;
  checkInputs(SUBJECT, [deviceIssue(device), wordIssue('bootOption', bootOption, VIRTUAL_MEDIA_BOOT_OPTIONS)]);
  return writeCommand('SET_VM_STATUS', {
    group: 'RIB_INFO',
    attributes: { DEVICE: device },
    children: [
      { name: 'VM_BOOT_OPTION', attributes: { value: bootOption } },
      { name: 'VM_WRITE_PROTECT', attributes: { value: writeProtected ? 'YES' : 'NO' } },
    ],
  });
}

/** Ejects the image. An empty drive is refused: read its status first. Source: same guide, EJECT_VIRTUAL_MEDIA. */
export function ejectVirtualMedia(device: RibclVirtualMediaDevice): RibclCommand<RibclAcknowledgement> {
  checkInputs(SUBJECT, [deviceIssue(device)]);
  return writeCommand('EJECT_VIRTUAL_MEDIA', { group: 'RIB_INFO', attributes: { DEVICE: device } });
}

function deviceIssue(device: unknown): ReturnType<typeof wordIssue> {
  return wordIssue('device', device, VIRTUAL_MEDIA_DEVICES);
}

function urlIssue(url: URL): ReturnType<typeof wordIssue> {
  const fits = url instanceof URL && /^https?:$/.test(url.protocol) && url.username + url.password === '' && url.href.length <= LONGEST_URL;
  const expected = `an http or https address without a user in it, of at most ${LONGEST_URL} characters`;
  return fits ? undefined : { field: 'url', problem: 'invalid', expected, received: printValue(String(url)) };
}
