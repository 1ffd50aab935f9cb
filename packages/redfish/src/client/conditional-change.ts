import { FerricError } from '@ferric/core';
import type { Resource } from '../resource/resource.js';
import type { RedfishReply } from './client-types.js';

export interface ConditionalChange {
  /** @param etag undefined: unconditionally */
  readonly send: (etag: string | undefined) => Promise<RedfishReply>;
  readonly readAgain: () => Promise<Resource>;
}

/**
 * Sends a change on condition that the resource is as it was read. Not so: reads again and sends it with the new ETag, then with that made strong,
 * since some services compare it in a way in which a weak one never fits (RFC 9110, section 13.1.1).
 * @throws CONFLICT when none of them fits
 */
export async function changeOnCondition(resource: Resource, { send, readAgain }: ConditionalChange): Promise<RedfishReply> {
  try {
    return await send(resource.etag);
  } catch (error) {
    if (!preconditionFailed(error) || resource.etag === undefined) throw error;
    const { etag } = await readAgain();
    return sendFirstThatFits(etagsToTry(resource.etag, etag), send, error);
  }
}

/** Different ones only: the same would fail again. */
function etagsToTry(failed: string, fresh: string | undefined): readonly (string | undefined)[] {
  if (fresh === undefined) return [undefined];
  return [...new Set([fresh, fresh.replace(/^W\//, '')])].filter((etag) => etag !== failed);
}

async function sendFirstThatFits(etags: readonly (string | undefined)[], send: ConditionalChange['send'], failure: unknown): Promise<RedfishReply> {
  let last = failure;
  for (const etag of etags) {
    try {
      return await send(etag);
    } catch (error) {
      if (!preconditionFailed(error)) throw error;
      last = error;
    }
  }
  throw last;
}

function preconditionFailed(error: unknown): boolean {
  return FerricError.is(error) && error.details['status'] === 412;
}
