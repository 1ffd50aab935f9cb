/** An answer as it goes onto the wire. */
export interface WireReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The body cut into chunks, where the sizes are written with three digits and the connection is closed afterwards. */
  readonly chunks?: readonly Buffer[];
  /** What was asked for, where method and path do not tell; for people who watch, without secrets. */
  readonly asked?: string;
}

/** What a handler sees of a request. */
export interface WireRequest {
  readonly method: string;
  /** As it was sent: with its query. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK', 201: 'Created', 204: 'No Content', 301: 'Moved Permanently', 308: 'Permanent Redirect', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden',
  404: 'Not Found', 405: 'Method Not Allowed', 412: 'Precondition Failed', 413: 'Content Too Large', 415: 'Unsupported Media Type', 500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** The whole answer as bytes. */
export function serializeReply(reply: WireReply): Buffer {
  const length = reply.chunks === undefined ? { 'Content-Length': String(reply.body.length) } : { 'Transfer-Encoding': 'chunked', Connection: 'close' };
  const headers = Object.entries({ ...reply.headers, ...length }).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`HTTP/1.1 ${reply.status} ${REASONS[reply.status] ?? 'Unknown'}\r\n${headers.join('')}\r\n`, 'latin1');
  return Buffer.concat([head, reply.chunks === undefined ? reply.body : chunkedBody(reply.chunks)]);
}

/** Sizes have three digits with zeros in front, as an iLO writes them. */
function chunkedBody(chunks: readonly Buffer[]): Buffer {
  const parts = chunks.flatMap((chunk) => [Buffer.from(`${chunk.length.toString(16).padStart(3, '0')}\r\n`), chunk, Buffer.from('\r\n')]);
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
