import { FerricError } from '@ferric/core';
import { protocolFault } from './rpc/connection-errors.js';
import type { OwnedRpcConnection } from './rpc/connection.js';
import type { SaslExchange } from './sasl/mechanism.js';
import { authenticationProcedures } from './wire/procedures/authentication.js';

/** More turns than any mechanism takes: a daemon that always wants another is at fault. */
const MOST_ROUNDS = 10;

const NOTHING = new Uint8Array();

export interface SaslNegotiation {
  readonly address: string;
  /** Its name, as the daemon lists it. */
  readonly mechanism: string;
  readonly exchange: SaslExchange;
  readonly options: { readonly signal: AbortSignal; readonly timeoutMs: number };
}

interface SaslAnswer {
  readonly complete: number;
  readonly absent: number;
  readonly data: Uint8Array;
}

/**
 * Carries the bytes of one login back and forth, and switches on the layer that it may end with.
 * Source: libvirt 9.0.0, src/remote/remote_driver.c, remoteAuthSASL.
 * @throws AUTH_FAILED when either side does not believe the other; PROTOCOL_FAULT; what calls throw.
 */
export async function negotiateSasl(connection: OwnedRpcConnection, negotiation: SaslNegotiation): Promise<void> {
  const { address, mechanism, exchange } = negotiation;
  // In the reply itself, for whatever comes behind the last one comes through the layer already.
  const onReply = (answer: SaslAnswer): void => {
    if (answer.complete === 0) return;
    const layer = exchange.complete(received(answer));
    if (layer !== undefined) connection.secure(layer);
  };
  const options = { ...negotiation.options, onReply };
  try {
    let answer: SaslAnswer = await connection.call(authenticationProcedures.saslStart, { mechanism, ...sent(exchange.start()) }, options);
    for (let round = 1; answer.complete === 0; round += 1) {
      if (round > MOST_ROUNDS) throw protocolFault(address, `${mechanism} did not end after ${MOST_ROUNDS} rounds`);
      answer = await connection.call(authenticationProcedures.saslStep, sent(exchange.step(received(answer))), options);
    }
  } catch (error) {
    throw FerricError.is(error) && error.code === 'AUTH_FAILED' ? loginFailed(error, negotiation) : error;
  }
}

function loginFailed(error: FerricError, { address, mechanism }: SaslNegotiation): FerricError {
  return new FerricError('AUTH_FAILED', `The SASL login at ${address} with ${mechanism} failed: ${error.message}`, {
    cause: error,
    details: { ...error.details, address, mechanism },
    hint: 'Correct sasl_username and sasl_password; they are not tried again by themselves, as that can lock the account.',
  });
}

/** No data is not the same as empty data. */
function sent(data: Uint8Array | undefined): { readonly absent: number; readonly data: Uint8Array } {
  return data === undefined ? { absent: 1, data: NOTHING } : { absent: 0, data };
}

function received(answer: SaslAnswer): Uint8Array | undefined {
  return answer.absent === 0 ? answer.data : undefined;
}
