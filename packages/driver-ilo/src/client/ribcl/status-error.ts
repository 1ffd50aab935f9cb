import { FerricError } from '@ferric/core';
import type { RibclCommand } from './command.js';
import { DECLINED, MESSAGE_MEANINGS, STATUS_MEANINGS, type StatusMeaning, UNKNOWN_COMMAND, USER_NOT_FOUND } from './status-codes.js';
import type { RibclFailure } from './wire/parse-reply.js';

const SYNTAX_ERROR = 0x0001;
const USER_NAME_UNKNOWN = 0x000a;

/** The error for a status that is not 0, in answer to one of these commands. */
export function statusError(failure: RibclFailure, commands: readonly RibclCommand<unknown>[]): FerricError {
  const named = commands.find((command) => namesCommand(failure, command));
  const { code, reason, hint } = meaningOf(failure, commands, named !== undefined);
  const command = (named ?? commands[0])?.request.name ?? 'RIBCL';
  const status = `0x${failure.status.toString(16).toUpperCase().padStart(4, '0')}`;
  const message = failure.message === '' ? 'without a message' : failure.message;
  return new FerricError(code, `The iLO answered ${command} with status ${status}: ${message}`, {
    details: { command, status, message: failure.message, ...(reason === undefined ? {} : { reason }) },
    hint,
  });
}

/** Whether a failure's message names this command. */
export function namesCommand(failure: RibclFailure, command: RibclCommand<unknown>): boolean {
  // A name may be the beginning of another, longer one.
  return failure.message.toUpperCase().split(/[^A-Z0-9_]+/).includes(command.request.name);
}

function meaningOf(failure: RibclFailure, commands: readonly RibclCommand<unknown>[], isNamed: boolean): StatusMeaning {
  if (failure.status === SYNTAX_ERROR && isNamed) return UNKNOWN_COMMAND;
  if (failure.status === USER_NAME_UNKNOWN && commands.some((command) => command.namesUser === true)) return USER_NOT_FOUND;
  return STATUS_MEANINGS.get(failure.status) ?? MESSAGE_MEANINGS.find(([pattern]) => pattern.test(failure.message))?.[1] ?? DECLINED;
}
