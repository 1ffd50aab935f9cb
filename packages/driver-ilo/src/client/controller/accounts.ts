import { errorCode, FerricError, type Secret } from '@ferric/core';
import { changePassword as changeRestPassword, requireLink } from '@ferric/redfish';
import type { Connection } from '../connection/connection.js';
import { isUncertain } from '../connection/outages.js';
import type { IloAccounts } from '../ilo-client.js';
import type { BackEndCall, Perform, RestCall, RibclCall } from '../operations/perform.js';
import { changeUser, readProductName } from '../ribcl/index.js';
import { checkPassword } from '../settings.js';

export function createAccounts(perform: Perform, connection: Connection, username: string): IloAccounts {
  return {
    async changePassword(password, options) {
      checkPassword('password', password);
      await perform('change password', {
        rest: (call) => change(call, connection, password, {
          change: async () => void (await changeRestPassword(call.client, username, password, call.options)),
          // With the clients of the password that counts then.
          prove: () => proveRest(call, connection),
        }),
        ribcl: (call) => change(call, connection, password, {
          change: async () => void (await call.run(changeUser(username, { password }))),
          prove: () => proveRibcl(call, connection),
        }),
      }, options);
    },
  };
}

interface Steps {
  readonly change: () => Promise<void>;
  /** Something that takes a login. */
  readonly prove: () => Promise<void>;
}

/** @throws what the change throws when the old password still counts */
async function change(call: BackEndCall, connection: Connection, password: Secret, { change: send, prove }: Steps): Promise<void> {
  const former = connection.password;
  try {
    await send();
  } catch (error) {
    if (call.signal.aborted || !isUncertain(error)) throw error;
    await settle(call, connection, { former, next: password, prove, lost: error });
    return;
  }
  await connection.changePassword(password);
}

/** Nobody knows which password counts: the new one is tried first, once the controller answers again, then the former. */
async function settle(
  call: BackEndCall,
  connection: Connection,
  { former, next, prove, lost }: { readonly former: Secret; readonly next: Secret; readonly prove: () => Promise<void>; readonly lost: unknown },
): Promise<void> {
  await connection.changePassword(next);
  const isTaken = await call.watch(call.pauses.retryMs, async () => {
    try {
      await prove();
      return true;
    } catch (error) {
      if (errorCode(error) === 'AUTH_FAILED') return false;
      throw error;
    }
  }).catch(async (error: unknown) => {
    await connection.changePassword(former);
    throw FerricError.is(error) ? undecided(call.address, error) : error;
  });
  if (isTaken) return;
  await connection.changePassword(former);
  throw lost;
}

function undecided(address: string, cause: FerricError): FerricError {
  return new FerricError(cause.code, `It is not known whether the password at ${address} was changed: ${cause.message}`, {
    cause,
    details: { ...cause.details, address, undecided: true },
    retryable: false,
    hint: 'Keep both passwords until a login with one of them has worked.',
  });
}

async function proveRest({ backEnd, signal }: RestCall, connection: Connection): Promise<void> {
  const client = connection.rest(backEnd);
  await client.read(requireLink(await client.root({ signal }), 'Systems'), { signal });
}

async function proveRibcl({ signal }: RibclCall, connection: Connection): Promise<void> {
  await connection.ribcl().run(readProductName(), { signal });
}
