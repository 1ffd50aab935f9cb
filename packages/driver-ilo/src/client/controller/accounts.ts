import { errorCode, FerricError, type Gate, type Secret } from '@ferric/core';
import { changePassword as changeRestPassword, type RedfishClient } from '@ferric/redfish';
import type { Connection } from '../connection/connection.js';
import { isUncertain } from '../connection/outages.js';
import { steady } from '../connection/rest-client.js';
import type { BackEndName, IloAccounts } from '../ilo-client.js';
import type { BackEndCall, Perform } from '../operations/perform.js';
import { changeUser, type RibclCommand } from '../ribcl/index.js';
import { checkPassword } from '../settings.js';

/** How far one change of the password has come. */
interface Progress {
  /** It left, and nobody knows yet whether it was made. */
  isOpen: boolean;
  /**
   * The change of the own connection. It begins with the answer, before the gate lets the next exchange through: that would log in with the former
   * password otherwise.
   */
  followed: Promise<void> | undefined;
}

export interface AccountParts {
  readonly perform: Perform;
  readonly connection: Connection;
  readonly gate: Gate;
  readonly username: string;
}

export function createAccounts({ perform, connection, gate, username }: AccountParts): IloAccounts {
  return {
    async changePassword(password, options) {
      checkPassword('password', password);
      const progress: Progress = { isOpen: false, followed: undefined };
      const follow = (): void => void (progress.followed = connection.changePassword(password));
      try {
        await perform('change password', {
          rest: (call) =>
            change(call, connection, { password, progress, backEnd: call.backEnd }, async () => {
              const client = steady(() => following(connection.rest(call.backEnd), progress, follow), gate, call, call.pauses.retryMs);
              await changeRestPassword(client, username, password, call.options);
            }),
          ribcl: (call) =>
            change(call, connection, { password, progress, backEnd: 'ribcl' }, async () => {
              progress.isOpen = true;
              await call.run(followed(changeUser(username, { password }, true), follow));
            }),
        }, options);
      } catch (error) {
        // Also when the time of the whole call is over, which nothing within it hears of in time.
        if (!progress.isOpen || !FerricError.is(error) || options?.signal?.aborted === true) throw error;
        throw undecided(error);
      }
    },
  };
}

/** The same client, which tells when a change leaves, and follows it when it was made. */
function following(client: RedfishClient, progress: Progress, follow: () => void): RedfishClient {
  return Object.create(client, {
    change: {
      value: (async (resource, body, options) => {
        progress.isOpen = true;
        const reply = await client.change(resource, body, options);
        follow();
        return reply;
      }) satisfies RedfishClient['change'],
    },
  }) as RedfishClient;
}

/** The same command, which is followed when its answer is read and good. */
function followed<Result>(command: RibclCommand<Result>, follow: () => void): RibclCommand<Result> {
  return {
    ...command,
    decode(reply) {
      const result = command.decode(reply);
      follow();
      return result;
    },
  };
}

interface Change {
  readonly password: Secret;
  readonly progress: Progress;
  readonly backEnd: BackEndName;
}

/** @throws what the change throws when the old password still counts */
async function change(call: BackEndCall, connection: Connection, { password, progress, backEnd }: Change, send: () => Promise<void>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (call.signal.aborted) throw error;
    if (!isUncertain(error) || !(await isTaken(call, connection, password, backEnd))) {
      progress.isOpen = false;
      throw error;
    }
  }
  progress.isOpen = false;
  await (progress.followed ?? connection.changePassword(password));
}

/** Which password counts, once the controller answers again. */
async function isTaken(call: BackEndCall, connection: Connection, password: Secret, backEnd: BackEndName): Promise<boolean> {
  return call.watch(call.pauses.retryMs, async () => {
    try {
      await connection.tryPassword(password, backEnd, call.signal);
      return true;
    } catch (error) {
      if (errorCode(error) === 'AUTH_FAILED') return false;
      throw error;
    }
  });
}

function undecided(cause: FerricError): FerricError {
  return new FerricError(cause.code, `It is not known whether the password was changed: ${cause.message}`, {
    cause,
    details: { ...cause.details, undecided: true },
    retryable: false,
    hint: 'Keep both passwords until a login with one of them has worked.',
  });
}
