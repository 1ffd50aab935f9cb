import type { FerricError } from '@ferric/core';
import type { RibclCommand } from './command.js';
import { namesCommand, statusError } from './status-error.js';
import { unreadable } from './wire/unreadable.js';
import type { RibclElement } from './wire/element.js';
import { isFailure, type RibclReply } from './wire/parse-reply.js';

/** What an answer to several commands says about one of them. Null: nothing, neither an answer nor a failure. */
export type CommandReply = { readonly payload: RibclElement } | { readonly error: FerricError } | null;

/**
 * The result of the only command of a request.
 * @throws the error of the first status that is not 0; PROTOCOL_FAULT when the element that the command answers with is missing.
 */
export function resultOf<Result>(command: RibclCommand<Result>, reply: RibclReply): Result {
  const failure = reply.parts.find(isFailure);
  if (failure !== undefined) throw statusError(failure, [command]);
  const payload = reply.parts.findLast((part) => !isFailure(part) && command.answers.includes(part.name)) as RibclElement | undefined;
  if (payload === undefined && command.answers.length > 0) throw unreadable(`it holds no ${command.answers.join(' or ')}`);
  return command.decode({ payload, information: reply.information });
}

/**
 * What one answer says about each of several commands. Answers come in the order of the commands and name themselves; a failure most often names
 * its command. One that names none is that of every command without an answer.
 * @throws AUTH_FAILED when the login was refused, which is no matter of a single command.
 */
export function matchReply(commands: readonly RibclCommand<unknown>[], reply: RibclReply): readonly CommandReply[] {
  const replies: CommandReply[] = commands.map(() => null);
  let general: FerricError | undefined;
  for (const part of reply.parts) {
    if (!isFailure(part)) {
      const index = commands.findIndex((command, at) => replies[at] === null && command.answers.includes(part.name));
      if (index >= 0) replies[index] = { payload: part };
      continue;
    }
    const index = commands.findIndex((command, at) => replies[at] === null && namesCommand(part, command));
    const error = statusError(part, index < 0 ? commands : commands.slice(index, index + 1));
    if (error.code === 'AUTH_FAILED') throw error;
    if (index >= 0) replies[index] = { error };
    else general ??= error;
  }
  return replies.map((found) => found ?? (general === undefined ? null : { error: general }));
}
