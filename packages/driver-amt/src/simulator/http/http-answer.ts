import { Buffer } from 'node:buffer';

/** How the end of a body is told. */
export type Framing = 'chunked' | 'length' | 'connection end';

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly framing: Framing;
  /** The connection ends after it. */
  readonly closes: boolean;
  readonly challenge?: string;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK', 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found', 405: 'Method Not Allowed', 411: 'Length Required', 413: 'Request Entity Too Large',
  431: 'Request Header Fields Too Large', 500: 'Internal Server Error', 503: 'Service Unavailable',
};

/** Sizes of the chunks of a recorded answer, which cut through tags and attributes; used in turn. Bytes. */
const RECORDED_CHUNKS = [0x02_20, 0x02_fa, 0x02_67] as const;

export interface AnswerSettings {
  /** The Server header. */
  readonly server: string;
  readonly now: Date;
  /** Sizes of chunks in bytes; undefined: as recorded. */
  readonly chunkBytes: number | undefined;
}

/** The bytes of an answer. The order of the headers is that of recorded answers. */
export function encodeHttpAnswer(answer: HttpAnswer, settings: AnswerSettings): Buffer {
  const body = Buffer.from(answer.body, 'utf8');
  const content = answer.framing === 'chunked' ? chunked(body, settings.chunkBytes) : body;
  return Buffer.concat([Buffer.from(`${head(answer, settings, body.length).join('\r\n')}\r\n\r\n`, 'latin1'), content]);
}

function head(answer: HttpAnswer, { server, now }: AnswerSettings, length: number): readonly string[] {
  const { status, contentType, framing, closes, challenge } = answer;
  const isRefusal = challenge !== undefined;
  return [
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Unknown'}`,
    ...(isRefusal ? [`WWW-Authenticate: ${challenge}`, `Content-Type: ${contentType}`] : [`Date: ${now.toUTCString()}`]),
    `Server: ${server}`,
    ...(isRefusal ? [] : ['X-Frame-Options: DENY', `Content-Type: ${contentType}`]),
    ...(framing === 'chunked' ? ['Transfer-Encoding: chunked'] : []),
    ...(framing === 'length' ? [`Content-Length: ${length}`] : []),
    ...(closes ? ['Connection: close'] : []),
  ];
}

function chunked(body: Buffer, chunkBytes: number | undefined): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0, turn = 0; start < body.length; turn += 1) {
    const size = chunkBytes ?? RECORDED_CHUNKS[turn % RECORDED_CHUNKS.length] ?? 1;
    const chunk = body.subarray(start, start + size);
    start += chunk.length;
    parts.push(Buffer.from(`${chunk.length.toString(16).toUpperCase().padStart(4, '0')}\r\n`), chunk, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}
