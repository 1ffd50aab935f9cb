import { FerricError, throwIfAborted, type CallOptions } from '@ferric/core';
import { fetch } from 'undici';

/** A certificate with its whole chain is shorter. Bytes. */
const LONGEST_TEXT_BYTES = 64 * 1024;

/**
 * Loads a certificate as a text.
 * @throws NOT_FOUND or UNREACHABLE when it cannot be had; REFUSED when it is longer than certificates are
 */
export async function loadCertificate(url: URL, { signal }: CallOptions = {}): Promise<string> {
  // Without user, password and what stands behind the path.
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  const details = { step: 'load certificate' };
  try {
    const response = await fetch(url, signal === undefined ? {} : { signal });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new FerricError('NOT_FOUND', `There is no certificate at ${shown}: its server answers ${response.status}`, { details: { ...details, status: response.status } });
    }
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > LONGEST_TEXT_BYTES) throw new FerricError('REFUSED', `What is at ${shown} is larger than ${LONGEST_TEXT_BYTES} bytes, so it is no certificate`, { details });
    }
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    throwIfAborted(signal);
    if (FerricError.is(error)) throw error;
    throw new FerricError('UNREACHABLE', `The certificate at ${shown} could not be loaded`, { cause: error, details });
  }
}
