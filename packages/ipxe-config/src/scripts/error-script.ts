import { checkForm } from '../checks/fields.js';
import { line, scriptOf } from '../checks/script-text.js';

/** What an error script says. */
export interface ErrorScriptOptions {
  /** What the person at the machine can look for in the conductor's log: the id of the request. 1..64 of letters, digits, `.`, `_`, `:`, `-`. */
  readonly reference: string;
  /** Whether any key opens iPXE's shell. */
  readonly allowShell: boolean;
}

/**
 * The script for a machine that gets nothing to boot. It says the same whatever the reason is, so that nobody learns which machines
 * exist, and ends with `exit 1`: an entry script goes on with the next network card, firmware with its next boot device.
 * Throws INVALID_OPTIONS for a reference of any other form.
 */
export function errorScript({ reference, allowShell }: ErrorScriptOptions): string {
  const shown = checkForm({ name: 'reference', value: reference }, /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, 'the id of a request: 1 to 64 letters, digits, ".", "_", ":" and "-"');
  const waiting = allowShell
    ? [line`prompt --timeout 10000 Press any key for a shell, or wait 10 seconds || exit 1`, line`shell ||`]
    : [line`prompt --timeout 10000 Press any key to go on, or wait 10 seconds ||`];
  return scriptOf([
    line`echo Ferric has nothing to boot for this machine now.`,
    line`echo The log of the conductor tells why. Reference: ${shown}`,
    ...waiting,
    line`exit 1`,
  ]);
}
