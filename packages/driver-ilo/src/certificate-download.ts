import { FerricError, withDeadline, type CallOptions } from '@ferric/core';
import { fetch } from 'undici';
import { checkHttpUrl } from './client/media/http-url.js';
import { causeOfFetch } from './fetch-cause.js';

/** A certificate with its whole chain is shorter. Bytes. */
const LONGEST_TEXT_BYTES = 64 * 1024;

/** When the caller names no time. Milliseconds. */
const LOAD_MS = 300_000;

/**
 * Loads a certificate as a text.
 * @param options `timeoutMs`: five minutes by default
 * @throws INVALID_OPTIONS for an address with a user in it; NOT_FOUND or UNREACHABLE when it cannot be had; REFUSED when it is longer than certificates are;
 * TIMEOUT; the abort reason
 */
export async function loadCertificate(url: URL, options?: CallOptions): Promise<string> {
  checkHttpUrl('Certificate', url);
  return withDeadline(options, { what: `Loading the certificate at ${url.host}`, defaultTimeoutMs: LOAD_MS }, ({ signal }) => load(url, signal));
}

async function load(url: URL, signal: AbortSignal): Promise<string> {
  // Without what stands behind the path.
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  const details = { step: 'load certificate' };
  try {
    const response = await fetch(url, { signal });
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
    if (FerricError.is(error)) throw error;
    throw new FerricError('UNREACHABLE', `The certificate at ${shown} could not be loaded`, { cause: causeOfFetch(error), details });
  }
}
