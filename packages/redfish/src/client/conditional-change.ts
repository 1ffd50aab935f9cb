import { FerricError } from '@ferric/core';
import type { Resource } from '../resource/resource.js';
import type { RedfishReply } from './client-types.js';

export interface ConditionalChange {
  /** @param etag undefined: unconditionally */
  readonly send: (etag: string | undefined) => Promise<RedfishReply>;
  readonly readAgain: () => Promise<Resource>;
}

/**
 * Sends a change on condition that the resource is as it was read. Not so: reads again and sends it with the new ETag, and in the end without a condition,
 * since some services compare ETags in a way in which a weak one never fits (RFC 9110, section 13.1.1). Three times at most.
 * @throws CONFLICT when none of them fits
 */
export async function changeOnCondition(resource: Resource, { send, readAgain }: ConditionalChange): Promise<RedfishReply> {
  try {
    return await send(resource.etag);
  } catch (error) {
    if (resource.etag === undefined || statusOf(error) !== PRECONDITION_FAILED) throw error;
    const { etag } = await readAgain();
    return sendFirstThatFits([...secondTry(resource.etag, etag), undefined], send, error);
  }
}

const PRECONDITION_FAILED = 412;
/** Answer of a service that takes no change without a condition. */
const PRECONDITION_REQUIRED = 428;

/** A different one only: the same would fail again, unless it is made strong. */
function secondTry(failed: string, fresh: string | undefined): readonly string[] {
  if (fresh === undefined) return [];
  const different = [fresh, fresh.replace(/^W\//, '')].find((etag) => etag !== failed);
  return different === undefined ? [] : [different];
}

async function sendFirstThatFits(etags: readonly (string | undefined)[], send: ConditionalChange['send'], failure: unknown): Promise<RedfishReply> {
  let last = failure;
  for (const etag of etags) {
    try {
      return await send(etag);
    } catch (error) {
      const status = statusOf(error);
      if (status !== PRECONDITION_FAILED && status !== PRECONDITION_REQUIRED) throw error;
      // That it wants a condition says less than that none fits.
      if (status === PRECONDITION_FAILED) last = error;
    }
  }
  throw last;
}

function statusOf(error: unknown): unknown {
  return FerricError.is(error) ? error.details['status'] : undefined;
}
