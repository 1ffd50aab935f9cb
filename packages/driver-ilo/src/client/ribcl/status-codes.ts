import type { FerricErrorCode } from '@ferric/core';

/** Why a controller declined, where the code of the error does not tell; in `details.reason`. */
export type RibclRefusalReason = 'password too short' | 'user not found' | 'privilege' | 'not a rack server' | 'licence' | 'virtual media' | 'not configured';

/** What a status means for the caller. */
export interface StatusMeaning {
  readonly code: FerricErrorCode;
  readonly reason?: RibclRefusalReason;
  readonly hint: string;
}

const LOGIN_FAILED: StatusMeaning = {
  code: 'AUTH_FAILED',
  hint: 'Correct the user name and the password; the login is not tried again, since iLO slows down after failures.',
};
const NOT_LICENSED: StatusMeaning = { code: 'REFUSED', reason: 'licence', hint: 'Activate a licence of iLO that covers this, such as iLO Advanced.' };
const NO_PRIVILEGE: StatusMeaning = { code: 'REFUSED', reason: 'privilege', hint: 'Give the user the privilege that the message names.' };
const NO_SUCH_FEATURE: StatusMeaning = { code: 'UNSUPPORTED', hint: 'This hardware or its firmware does not know the command; newer firmware may.' };

/** Source: answers of iLO 3 and 4; python-hpilo, hpilo.py; proliantutils, exception.py and ilo/ribcl.py. */
export const STATUS_MEANINGS: ReadonlyMap<number, StatusMeaning> = new Map<number, StatusMeaning>([
  [0x0001, { code: 'PROTOCOL_FAULT', hint: 'The firmware did not understand the request; look at the transcript.' }],
  [0x0004, { code: 'REFUSED', reason: 'password too short', hint: 'Choose a longer password; iLO asks for eight characters unless it is set otherwise.' }],
  [0x000a, LOGIN_FAILED],
  [0x0023, NO_PRIVILEGE],
  [0x002a, { code: 'UNSUPPORTED', reason: 'not a rack server', hint: 'Only rack servers can do this.' }],
  [0x002e, { ...NOT_LICENSED, hint: 'Check the licence key.' }],
  [0x0035, { code: 'REFUSED', reason: 'virtual media', hint: 'Check the device and whether an image is inserted.' }],
  [0x003c, NO_SUCH_FEATURE],
  [0x005f, LOGIN_FAILED],
  [0x006d, { code: 'REFUSED', reason: 'not configured', hint: 'Configure the feature on the iLO first.' }],
  [0x0088, { code: 'BUSY', hint: 'The iLO makes a certificate request; try again in ten minutes.' }],
]);

/**
 * For any other status, by what its message begins with or contains. The first that matches decides. Source of the texts: HPE iLO 4 Scripting
 * and Command Line Guide, runtime errors of LOGIN, RESET_SERVER and EJECT_VIRTUAL_MEDIA.
 */
export const MESSAGE_MEANINGS: readonly (readonly [pattern: RegExp, meaning: StatusMeaning])[] = [
  [/^(?:login failed|login credentials rejected)/i, LOGIN_FAILED],
  [/feature not supported/i, NO_SUCH_FEATURE],
  [/privilege/i, NO_PRIVILEGE],
  [/server is (?:currently )?(?:powered )?off/i, { code: 'CONFLICT', hint: 'Switch the server on first.' }],
  [/no image present/i, { code: 'CONFLICT', reason: 'virtual media', hint: 'Nothing is inserted; there is nothing to eject.' }],
  [/licen[cs]e/i, NOT_LICENSED],
];

/** For a user that a command names: it is the user that is missing, not the login that is wrong. */
export const USER_NOT_FOUND: StatusMeaning = { code: 'NOT_FOUND', reason: 'user not found', hint: 'Check the login name; letters count in their case.' };

/** For a syntax error that names the command which was sent. */
export const UNKNOWN_COMMAND: StatusMeaning = NO_SUCH_FEATURE;

/** For any other status. */
export const DECLINED: StatusMeaning = { code: 'REFUSED', hint: 'The message is that of the iLO.' };
