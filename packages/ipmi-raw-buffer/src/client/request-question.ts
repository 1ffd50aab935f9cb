import { FerricError, invalidOptions } from '@ferric/core';
import { PAYLOAD_TYPES } from '../lan/packet.js';
import { answers, decodeResponseFrame } from '../message/frame.js';
import type { IpmiRequest, IpmiResponse } from '../message/request.js';
import { describeHop, encodeBridgedFrame, type PassedOn, readBridgedResponse } from './bridge.js';
import type { Question } from './exchange.js';
import type { Link } from './link.js';
import { secretData } from './secret-requests.js';
import type { Session } from './session.js';

/** The controller has seen this request already and its answer is under way. Source: IPMI 1.5, table 5-2; ipmitool 1.8.19 does the same. */
const DUPLICATE_REQUEST = 0xcf;
/** What comes before the data of a request, and of a response with its completion code. Source: IPMI 1.5, figure 12-3. */
const REQUEST_HEADER_BYTES = 6;
const RESPONSE_HEADER_BYTES = 7;

/** How one request is asked. */
export interface Asking {
  readonly step: string;
  /** rqSeq. */
  readonly sequence: number;
  readonly tries: number;
  readonly firstWaitMs: number;
  /** Waits after the last try until it is cancelled. */
  readonly endless?: boolean;
}

/** A controller on the way did not pass the request on. */
interface HopFailure {
  readonly error: unknown;
}

/** A request inside the session as a question. The hop that did not pass it on answers with its failure. */
export function requestQuestion(link: Link, session: Session, request: IpmiRequest, asking: Asking): Question<IpmiResponse | HopFailure> {
  const { sequence, step } = asking;
  const bridged = request.bridge !== undefined && request.bridge.length > 0;
  const frame = encodeBridgedFrame(request, sequence);
  const expected = { netFn: request.netFn, command: request.command, sequence };
  if (frame.length > session.longestMessage) {
    const limit = session.longestMessage - frame.length + (request.data?.length ?? 0);
    throw invalidOptions(step, [{ field: 'data', problem: 'invalid', expected: `at most ${limit} bytes`, received: `${request.data?.length ?? 0} bytes` }]);
  }
  const secret = link.settings.transcript === undefined ? undefined : secretData(request);
  const secretOffset = (offset: number | undefined, header: number): number | undefined =>
    offset === undefined ? undefined : header + (bridged ? 0 : offset);
  const secretFrom = secretOffset(secret?.request, REQUEST_HEADER_BYTES);
  /** Index of the furthest hop that was passed the request; -1: none yet. */
  let reached = -1;
  return {
    ...asking,
    secretFrom: secretOffset(secret?.response, RESPONSE_HEADER_BYTES),
    send(attempt) {
      if (attempt > 1) link.counters.retransmitted += 1;
      link.transmitSealed(PAYLOAD_TYPES.ipmi, frame, step, secretFrom);
    },
    read(message) {
      // Some controllers send wrong checksums; where a code covers the whole packet they prove nothing.
      const response = decodeResponseFrame(message, !session.proves);
      if (!bridged && !answers(response, expected)) return undefined;
      if (response.completionCode === DUPLICATE_REQUEST) return 'more';
      if (!bridged) return response;
      const answer = readHops(() => readBridgedResponse(response, request, sequence, link.address, step));
      if (answer === undefined || !('passedOnTo' in answer)) return answer;
      reached = Math.max(reached, answer.passedOnTo);
      return 'more';
    },
    passedOnTo: () => (reached < 0 ? undefined : describeHop(request.bridge?.[reached])),
  };
}

/** The response, or the failure of a hop thrown. */
export function unwrapResponse(answer: IpmiResponse | HopFailure): IpmiResponse {
  if ('error' in answer) throw answer.error;
  return { completionCode: answer.completionCode, data: answer.data };
}

function readHops(read: () => IpmiResponse | PassedOn | undefined): IpmiResponse | PassedOn | HopFailure | undefined {
  try {
    return read();
  } catch (error) {
    if (FerricError.is(error) && error.code === 'PROTOCOL_FAULT') throw error;
    return { error };
  }
}
