import { createHash, randomBytes } from 'node:crypto';
import { type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import type { AmtDevice } from '../../../src/simulator/index.js';

const md5 = (data: string): string => createHash('md5').update(data).digest('hex');

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A client of HTTP Digest after RFC 2617 and nothing else, on Node's own HTTP. Yields the body of the answer. */
export function createDigestClient({ host, port, tlsPort, username, password }: AmtDevice): (document: string) => Promise<string> {
  const exchange = async (document: string, headers: Record<string, string>): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const settings = {
      host, method: 'POST', path: '/wsman', agent: false as const, rejectUnauthorized: false,
      headers: { 'Content-Type': 'application/soap+xml; charset=utf-8', 'Content-Length': Buffer.byteLength(document), ...headers },
    };
    const request = port === undefined ? requestHttps({ ...settings, port: tlsPort }) : requestHttp({ ...settings, port });
    request.on('error', reject);
    request.on('response', (message) => {
      text(message).then((body) => resolve({ status: message.statusCode ?? 0, headers: message.headers, body }), reject);
    });
    request.end(document);
    return promise;
  };
  return async (document) => {
    const first = await exchange('', {});
    const part = (name: string): string => new RegExp(`${name}="([^"]*)"`).exec(first.headers['www-authenticate'] ?? '')?.[1] ?? '';
    const [realm, nonce] = [part('realm'), part('nonce')];
    const cnonce = randomBytes(8).toString('hex');
    const response = md5(`${md5(`${username}:${realm}:${password}`)}:${nonce}:00000001:${cnonce}:auth:${md5('POST:/wsman')}`);
    const authorization = `Digest username="${username}", realm="${realm}", nonce="${nonce}", uri="/wsman", qop=auth, nc=00000001, cnonce="${cnonce}", response="${response}"`;
    const { status, body } = await exchange(document, { Authorization: authorization });
    if (status !== 200) throw new Error(`${status}: ${body}`);
    return body;
  };
}
