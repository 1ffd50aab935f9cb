import { Readable } from 'node:stream';
import { FerricError, throwIfAborted, type JsonObject } from '@ferric/core';
import { toConnectFunction, type TlsConnector, type TlsPeer } from '@ferric/core/tls';
import { Client } from 'undici';
import { toTransportFailure } from './transport-failure.js';

/** One request to a controller. */
export interface HttpsRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What is sent, part by part, each in a packet of its own; `length` is the sum in bytes. */
  readonly body?: { readonly length: number; readonly parts: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array> };
  /** What it is, for people: `GET_FW_VERSION`. */
  readonly label: string;
  /** The longest answer that is read. Bytes. */
  readonly limitBytes: number;
}

export interface HttpsReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
}

/** How far an exchange has come; read by whoever has to know after it failed. */
export interface ExchangeProgress {
  /** True as soon as bytes of the request may have reached the controller. */
  sent: boolean;
}

/**
 * One request on a connection of its own, which is closed with the answer: old controllers take one request for each connection only.
 * A reply of any status is a reply; no compression is asked for, no redirect followed, nothing tried again.
 * @throws what the connector throws; UNREACHABLE when the connection ends before the answer does; PROTOCOL_FAULT for what is not HTTP or too long;
 *   the reason of the signal.
 */
export async function exchangeOnce(
  connector: TlsConnector,
  peer: TlsPeer,
  request: HttpsRequest,
  signal: AbortSignal,
  progress: ExchangeProgress,
): Promise<HttpsReply> {
  const address = addressOf(peer);
  const details = { address, command: request.label };
  const client = new Client(`https://${address}`, {
    connect: toConnectFunction(connector, { signal }),
    allowH2: false,
    // The deadline of the call decides; these timers run by another clock.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  let answered = false;
  try {
    const response = await client.request({
      method: request.method,
      path: request.path,
      headers: { ...request.headers, ...(request.body === undefined ? {} : { 'content-length': String(request.body.length) }) },
      body: request.body === undefined ? null : Readable.from(noted(request.body.parts, progress)),
      // Sends `Connection: close`.
      reset: true,
      signal,
    });
    answered = true;
    progress.sent = true;
    return { status: response.statusCode, headers: response.headers, body: await readBody(response.body, request, details) };
  } catch (error) {
    throwIfAborted(signal);
    throw FerricError.is(error) ? error : toTransportFailure(error, { address, label: request.label, answered });
  } finally {
    await client.destroy();
  }
}

/** `192.0.2.1:443`, `[2001:db8::1]:443` */
export function addressOf({ host, port }: TlsPeer): string {
  return `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
}

/** The parts of a body; asking for the first one is the moment in which the request leaves. */
async function* noted(parts: () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>, progress: ExchangeProgress): AsyncGenerator<Uint8Array> {
  progress.sent = true;
  yield* parts();
}

async function readBody(body: AsyncIterable<Uint8Array>, request: HttpsRequest, details: JsonObject): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > request.limitBytes) {
      throw new FerricError('PROTOCOL_FAULT', `The iLO answered more than ${request.limitBytes} bytes to ${request.label}`, { details });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
