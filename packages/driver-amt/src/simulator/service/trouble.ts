import type { Framing } from '../http/http-answer.js';
import type { Operation, SoapRequest } from '../soap/request.js';
import { type FaultDetail, type FaultName, SoapFault } from '../soap/soap-fault.js';

/** An answer that is given instead of the true one; nothing is carried out. */
export interface PlannedAnswer {
  /** Class name. Left out: any. */
  readonly resource?: string;
  readonly operation?: Operation;
  /** Of Invoke. */
  readonly method?: string;
  /** How often it is given, default once. */
  readonly times?: number;
  readonly give:
    | { readonly returnValue: number }
    | { readonly fault: FaultName; readonly detail?: FaultDetail; readonly status?: number };
}

/** What goes wrong at a device, besides the faults that every simulator knows. May be changed at any time. */
export interface AmtTrouble {
  /** So many of the next requests are answered with 401, whatever they carry. */
  unauthorized: number;
  /** The nonces are forgotten right before the request with this number among those that carry a proof, counted from now. 0: never. */
  forgetNoncesAt: number;
  /** Every answer ends its connection. */
  closesEach: boolean;
  /** How the end of an answer is told. Default chunked, as recorded. */
  framing: Framing;
  /** Bytes in a chunk; undefined: as recorded. */
  chunkBytes: number | undefined;
  /** At most so many bytes leave at once. */
  segmentBytes: number;
  /** So many of the next changes are carried out and then answered with nothing but a reset. */
  resetsAfterChange: number;
  /** For so long after a power request that was taken, nothing is answered. Milliseconds. */
  deafAfterPowerMs: number;
  /** Most items in one answer to a Pull. */
  mostPullItems: number;
  /** How many enumerations may be under way. */
  mostEnumerations: number;
}

/** Answers that were planned, each for so many requests. */
export interface PlannedAnswers {
  add(answer: PlannedAnswer): void;
  clear(): void;
  /** ReturnValue to answer with; undefined: the request is treated as usual. @throws SoapFault that was planned */
  take(request: SoapRequest): number | undefined;
}

export function createTrouble(): AmtTrouble {
  return {
    unauthorized: 0, forgetNoncesAt: 0, closesEach: false, framing: 'chunked', chunkBytes: undefined, segmentBytes: Number.MAX_SAFE_INTEGER,
    resetsAfterChange: 0, deafAfterPowerMs: 0, mostPullItems: Number.MAX_SAFE_INTEGER, mostEnumerations: 4,
  };
}

export function createPlannedAnswers(): PlannedAnswers {
  let planned: { readonly answer: PlannedAnswer; left: number }[] = [];
  return {
    add: (answer) => void planned.push({ answer, left: answer.times ?? 1 }),
    clear() {
      planned = [];
    },
    take(request) {
      const found = planned.find(({ answer }) => isMeant(answer, request));
      if (found === undefined) return undefined;
      found.left -= 1;
      if (found.left <= 0) planned = planned.filter((each) => each !== found);
      const { give } = found.answer;
      if ('returnValue' in give) return give.returnValue;
      const { fault, ...more } = give;
      throw new SoapFault(fault, more);
    },
  };
}

function isMeant(answer: PlannedAnswer, request: SoapRequest): boolean {
  if ('returnValue' in answer.give && request.operation !== 'Invoke') return false;
  return (['resource', 'operation', 'method'] as const).every((part) => answer[part] === undefined || answer[part] === request[part]);
}
