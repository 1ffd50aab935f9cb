import { FerricError, type JsonObject, type JsonValue } from '@ferric/core';
import type { MaskSecrets } from './known-secrets.js';

/** What is known of a call that failed. */
export interface FailedCall {
  /** `192.0.2.1:443` */
  readonly address: string;
  /** `GET_FW_VERSION` */
  readonly command: string;
  /** Whether the request may have reached the controller. */
  readonly sent: boolean;
  /** Whether it would change something. */
  readonly changes: boolean;
  readonly mask: MaskSecrets;
}

const MAY_HAVE_ACTED = 'The change may have been made: read the state before trying again.';
/** Failures that leave open what the controller has done. */
const UNCERTAIN: ReadonlySet<string> = new Set(['UNREACHABLE', 'TIMEOUT', 'PROTOCOL_FAULT', 'INTERNAL']);

/**
 * The same error with the address, the command and `sent` in its details. A change that was sent and whose answer got lost is not
 * retryable: it would be made twice.
 */
export function callError(error: FerricError, call: FailedCall): FerricError {
  const uncertain = call.changes && call.sent && (UNCERTAIN.has(error.code) || error.details['answered'] === false);
  const hint = [uncertain ? MAY_HAVE_ACTED : undefined, error.hint].filter((part) => part !== undefined).join(' ');
  const message = call.mask(error.message);
  return new FerricError(error.code, message.includes(call.address) ? message : `${call.address}: ${message}`, {
    cause: error.cause,
    details: { command: call.command, ...maskDetails(error.details, call.mask), address: call.address, sent: call.sent },
    retryable: uncertain ? false : error.retryable,
    ...(hint === '' ? {} : { hint }),
  });
}

function maskDetails(details: JsonObject, mask: MaskSecrets): JsonObject {
  return Object.fromEntries(Object.entries(details).map(([key, value]): [string, JsonValue] => [key, typeof value === 'string' ? mask(value) : value]));
}
