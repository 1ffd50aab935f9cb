import { Buffer } from 'node:buffer';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** By name in lower case; the last one counts. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** What has come so far: a request and what is behind it, a request that cannot be taken, or nothing whole yet. */
export type ParsedRequest =
  | { readonly kind: 'request'; readonly request: HttpRequest; readonly rest: Buffer }
  | { readonly kind: 'bad'; readonly status: 400 | 411 | 413 | 431 }
  | { readonly kind: 'incomplete'; readonly expectsContinue: boolean };

const LONGEST_HEAD = 8192;
/** Longer than any envelope that AMT takes. Bytes. */
const LONGEST_BODY = 65_536;
const HEAD_END = Buffer.from('\r\n\r\n');
const REQUEST_LINE = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/;
const HEADER_LINE = /^([!#$%&'*+.^`|~\w-]+):[ \t]*(.*?)[ \t]*$/;

/** Takes the first request from what has come. Bodies need a Content-Length: AMT's clients never send them in chunks. */
export function parseHttpRequest(received: Buffer): ParsedRequest {
  const headEnd = received.indexOf(HEAD_END);
  if (headEnd === -1) return received.length > LONGEST_HEAD ? { kind: 'bad', status: 431 } : { kind: 'incomplete', expectsContinue: false };
  const [first = '', ...lines] = received.toString('latin1', 0, headEnd).split('\r\n');
  const [, method, path] = REQUEST_LINE.exec(first) ?? [];
  const headers = parseHeaders(lines);
  if (method === undefined || path === undefined || headers === undefined) return { kind: 'bad', status: 400 };
  if (headers.has('transfer-encoding')) return { kind: 'bad', status: 411 };
  const length = headers.get('content-length') ?? '0';
  if (!/^\d{1,9}$/.test(length)) return { kind: 'bad', status: 400 };
  const bodyEnd = headEnd + HEAD_END.length + Number(length);
  if (Number(length) > LONGEST_BODY) return { kind: 'bad', status: 413 };
  if (received.length < bodyEnd) return { kind: 'incomplete', expectsContinue: headers.get('expect')?.toLowerCase() === '100-continue' };
  const body = received.subarray(headEnd + HEAD_END.length, bodyEnd);
  return { kind: 'request', request: { method, path, headers, body }, rest: received.subarray(bodyEnd) };
}

function parseHeaders(lines: readonly string[]): ReadonlyMap<string, string> | undefined {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    headers.set(name.toLowerCase(), value);
  }
  return headers;
}
