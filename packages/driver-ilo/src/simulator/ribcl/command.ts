import type { Caller, Controller } from '../controller.js';
import type { Machine } from '../machine/machine.js';
import type { Outcome, Refusal, RefusalReason } from '../outcome.js';
import type { RibclDocument } from './documents.js';
import type { RequestElement } from './request-tree.js';

/** What a command works with. */
export interface RibclContext {
  readonly controller: Controller;
  readonly machine: Machine;
  readonly caller: Caller;
}

/** One command of RIBCL. */
export interface Command {
  /** Whether its group has to be opened for writing. */
  readonly writes?: boolean;
  readonly run: (context: RibclContext, element: RequestElement) => RibclDocument;
}

export type Commands = Readonly<Record<string, Command>>;

export const DONE: RibclDocument = {};

interface Said {
  readonly status: number;
  readonly message: (refusal: Refusal) => string;
}

const fixed = (status: number, text: string): Said => ({ status, message: () => text });

/**
 * What RIBCL says to each refusal. Sources: recorded answers; python-hpilo, hpilo.py; HPE iLO scripting guide. The numbers of `wrong power
 * state`, `no licence`, `failed` and of writing without access are not recorded anywhere: clients must not rely on them.
 */
const SAID: Readonly<Record<RefusalReason, Said>> = {
  'wrong power state': fixed(0x0033, 'Server is currently powered off.'),
  'during post': fixed(0x0048, 'Unable to modify during system POST.'),
  'no licence': fixed(0x0041, 'This feature requires an advanced license'),
  'wrong licence key': fixed(0x002e, 'License key error'),
  'media inserted': fixed(0x0035, 'An invalid Virtual Media option has been given'),
  'no media': fixed(0x0039, 'No image present in the Virtual Media drive'),
  'value not allowed': { status: 0x0001, message: ({ about }) => `Syntax error: the value "${about[0] ?? ''}" is not valid` },
  'unknown property': fixed(0x0001, 'Syntax error: unknown parameter'),
  'read-only property': fixed(0x0001, 'Syntax error: unknown parameter'),
  'missing property': { status: 0x0001, message: ({ about }) => `Syntax error: ${about[0] ?? 'a parameter'} is missing` },
  'unknown action': fixed(0x0001, 'Syntax error: unknown command'),
  'not there': fixed(0x000a, 'User login name was not found'),
  'password too short': fixed(0x0004, 'Password is too short'),
  'password too long': fixed(0x0003, 'Password is too long'),
  'no privilege': { status: 0x0023, message: ({ about }) => `User does NOT have correct privilege for action. ${PRIVILEGE_WORDS[about[0] ?? ''] ?? 'ADMIN_PRIV'} required.` },
  'not in uefi mode': fixed(0x003c, 'Feature not supported'),
  'update under way': fixed(0x0050, 'A firmware flash operation is already in progress.'),
  'not supported': { status: 0x003c, message: ({ about }) => `Feature not supported - ${about[0] ?? ''}` },
  'already there': fixed(0x0010, 'A user of this name is there already.'),
  'too many': fixed(0x0010, 'There is no room for another user.'),
  failed: fixed(0x0052, 'The command could not be carried out.'),
};

/** RIBCL's names of privileges. */
export const PRIVILEGE_WORDS: Readonly<Record<string, string>> = {
  UserConfigPriv: 'ADMIN_PRIV',
  RemoteConsolePriv: 'REMOTE_CONS_PRIV',
  VirtualPowerAndResetPriv: 'RESET_SERVER_PRIV',
  VirtualMediaPriv: 'VIRTUAL_MEDIA_PRIV',
  iLOConfigPriv: 'CONFIG_ILO_PRIV',
};

/** The document for what became of a command. @param done what is said when it was carried out */
export function documentOf(outcome: Outcome, done: RibclDocument = DONE): RibclDocument {
  if (outcome === undefined) return done;
  const { status, message } = SAID[outcome.reason];
  return { status, message: message(outcome) };
}

/** The value of a child element, or of the attribute VALUE of the element itself. */
export function valueOf(element: RequestElement, child?: string): string | undefined {
  const holder = child === undefined ? element : element.children.find(({ name }) => name === child);
  return holder?.attributes['VALUE'];
}

const TRUE = new Set(['YES', 'Y', 'TRUE', 'T', '1']);
const FALSE = new Set(['NO', 'N', 'FALSE', 'F', '0']);

/** A yes or no in any of the ways in which it may be written. */
export function yesOrNo(text: string | undefined): boolean | undefined {
  const word = text?.toUpperCase() ?? '';
  return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
}
