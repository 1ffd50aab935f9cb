import { FerricError, type JsonObject } from '@ferric/core';
import type { LineLost } from './byte-line.js';

/** What errors tell of the unit. */
export interface UnitFacts {
  /** `192.0.2.7:9100` */
  readonly where: string;
  /** Address, port and step. */
  readonly details: JsonObject;
}

const HELLO_HINT =
  'A unit serves one client at a time: close its other users. Or it wants AES encryption, which Ferric does not support; or this is not the port of DxP.';

export function unreachable({ where, details }: UnitFacts, cause: unknown): FerricError {
  return new FerricError('UNREACHABLE', `${where} could not be reached${cause instanceof Error ? `: ${cause.message}` : ''}`, {
    cause,
    details,
    hint: 'Check address and port, that the unit has power and network, and that DxP is switched on.',
  });
}

export function lostAtHello({ where, details }: UnitFacts, lost: LineLost): FerricError {
  if (lost.received === 0) {
    return new FerricError('UNREACHABLE', `${where} took the connection and did not answer hello: ${lost.message}`, { cause: lost, details, hint: HELLO_HINT });
  }
  return new FerricError('PROTOCOL_FAULT', `${where} stopped in the middle of its answer to hello: ${lost.message}`, { cause: lost, details, hint: HELLO_HINT });
}

/** @param mayHaveActed whether the command would have changed something */
export function lostAtCommand({ where, details }: UnitFacts, lost: LineLost, mayHaveActed: boolean): FerricError {
  const when = lost.received === 0 ? 'did not answer a command' : `stopped after ${lost.received} bytes of its answer`;
  const acted = mayHaveActed ? ' The unit may have acted: read its relays before trying again.' : '';
  return new FerricError(lost.received === 0 ? 'UNREACHABLE' : 'PROTOCOL_FAULT', `${where} ${when}: ${lost.message}`, {
    cause: lost,
    details,
    hint: `Check that nobody else uses the unit, and user name and password: some units hang up on wrong ones.${acted}`,
  });
}

/** The protocol has no word for wrong credentials; hanging up on the first command, after a proper hello, is as near as a unit comes to one. */
export function strangerRefused({ where, details }: UnitFacts, lost: LineLost): FerricError {
  return new FerricError('AUTH_FAILED', `${where} answered hello and hung up on the first command, as units do on a wrong user name or password`, {
    cause: lost,
    details,
    hint: 'Correct user name and password; they are not tried again. If they are right, switch off AES encryption at the unit, which Ferric does not support, or report the transcript.',
  });
}

const SILENT_COMMAND = {
  what: 'the command was not answered',
  hint: 'Some units are silent when user name or password are wrong, or when they want AES encryption, which Ferric does not support. The unit may have acted: read its relays before trying again.',
};

/** What it means that a step did not end. */
const SILENCES = {
  turn: { what: 'other commands are under way at this unit', hint: 'Try again, with more time.' },
  pause: { what: 'it was about to try again', hint: 'Try again, with more time.' },
  connect: { what: 'nobody answers at this address', hint: 'Check the address, that the unit has power and network, and that no firewall is between.' },
  hello: { what: 'hello was not answered', hint: HELLO_HINT },
  'set relay': SILENT_COMMAND,
  'pulse relay': SILENT_COMMAND,
  'read relays': SILENT_COMMAND,
  'keep alive': SILENT_COMMAND,
} as const;

/** What a call waits for. */
export type DxpStep = keyof typeof SILENCES;

/** TIMEOUT that tells which step did not end. */
export function silence(message: string, step: DxpStep, details: JsonObject, cause?: unknown): FerricError {
  const { what, hint } = SILENCES[step];
  return new FerricError('TIMEOUT', `${message}: ${what}`, { details: { ...details, step }, hint, ...(cause === undefined ? {} : { cause }) });
}
