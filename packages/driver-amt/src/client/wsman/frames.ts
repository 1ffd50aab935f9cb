import { type Clock, MASK, maskText, type TranscriptSink } from '@ferric/core';
import { requestName, type WsmanRequest, writeRequest, WSMAN_PATH } from './envelope/request.js';
import type { HttpReply } from './transport/transport.js';

/** Elements that hold a secret under a name that does not say so. Source: Intel AMT Implementation and Reference Guide, the classes that have them. */
const SECRET_ELEMENTS = /(<(?:[\w.-]{1,32}:)?(?:OptInCode|UefiBootParametersArray|PSKValue|MasterKey|KeyBlob|MacKey)(?:\s[^<>]{0,256})?>)[^<]+/gi;

/** Tells a transcript what goes out and comes in, without passwords. */
export interface FrameRecorder {
  request(request: WsmanRequest, messageId: string, authorized: boolean): void;
  reply(request: WsmanRequest, reply: HttpReply): void;
}

/** @param peer `tcp 192.0.2.7:16992` */
export function createFrameRecorder(transcript: TranscriptSink | undefined, clock: Clock, peer: string): FrameRecorder {
  const record = (direction: 'out' | 'in', label: string, lines: readonly string[], body: string): void =>
    transcript?.record({ at: clock.now(), direction, peer, protocol: 'wsman', label, payload: [...lines, '', maskBody(body)].join('\r\n') });
  return {
    request(request, messageId, authorized) {
      if (transcript === undefined) return;
      const lines = [`POST ${WSMAN_PATH} HTTP/1.1`, ...(authorized ? [`Authorization: Digest ${MASK}`] : [])];
      record('out', `${requestName(request)}, message ${messageId}${authorized ? '' : ', without login'}`, lines, writeRequest(request, messageId, () => MASK));
    },
    reply(request, { status, challenges, text }) {
      if (transcript === undefined) return;
      record('in', `HTTP ${status} to ${requestName(request)}`, [`HTTP/1.1 ${status}`, ...challenges.map((challenge) => `WWW-Authenticate: ${challenge}`)], text);
    },
  };
}

function maskBody(body: string): string {
  return maskText(body.replace(SECRET_ELEMENTS, `$1${MASK}`));
}
