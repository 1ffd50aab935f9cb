import type { FerricError } from '@ferric/core';
import { toFerricError } from '../libvirt-error.js';
import { remoteError } from '../wire/remote-error.js';
import { XdrReader } from '../wire/xdr.js';
import { type CallFacts, decodingFault } from './connection-errors.js';

/** The error in a reply or in a packet of a stream; PROTOCOL_FAULT when it cannot be read. */
export function readErrorReply(payload: Buffer, facts: CallFacts): FerricError {
  try {
    return toFerricError(remoteError.read(new XdrReader(payload)), facts);
  } catch (error) {
    return decodingFault(error, { ...facts });
  }
}
