import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';

/** How long firmware waits for a server. Milliseconds. */
const PATIENCE_MS = 5000;

/**
 * Asks a server for an image, as firmware does before it loads it.
 * @param trusted certificates in PEM form; no others vouch for a server, and one between a server and its authority is enough
 * @returns why it cannot be loaded; undefined when it can
 */
export async function findHttpsFailure(url: string, trusted: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const ending = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  try {
    const request = requestHttps(url, { method: 'HEAD', agent: false, ca: [...trusted], allowPartialTrustChain: true, signal: ending });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    const { statusCode = 0 } = response;
    return statusCode === 200 ? undefined : `the server answers ${statusCode}`;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code ?? message;
  }
}
