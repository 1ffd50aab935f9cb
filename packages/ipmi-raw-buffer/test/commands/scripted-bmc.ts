import type { IpmiRequest, IpmiResponse, RequestCarrier, RequestOptions } from '../../src/message/request.js';

/** One request as the test sees it: `00/08 03 08`. */
export interface SeenRequest {
  readonly text: string;
  readonly options: RequestOptions;
}

/** What is answered: the bytes from the completion code on, as hexadecimal, or an error to throw. */
export type Answer = string | Error;

export interface ScriptedBmc extends RequestCarrier {
  readonly seen: readonly SeenRequest[];
  /** The texts of all requests, in their order. */
  readonly requests: readonly string[];
}

/** A controller that answers each request as told by its text, and `c1` to all others. */
export function scriptBmc(script: Readonly<Record<string, Answer>> | ((request: string) => Answer | undefined)): ScriptedBmc {
  const seen: SeenRequest[] = [];
  const answerTo = typeof script === 'function' ? script : (text: string): Answer | undefined => script[text];
  return {
    address: '192.0.2.10:623',
    seen,
    get requests() {
      return seen.map(({ text }) => text);
    },
    raw: async (request, options = {}) => {
      options.signal?.throwIfAborted();
      const text = printRequest(request);
      seen.push({ text, options });
      const answer = answerTo(text) ?? 'c1';
      if (answer instanceof Error) throw answer;
      return response(answer);
    },
  };
}

function printRequest({ netFn, command, data = new Uint8Array() }: IpmiRequest): string {
  return [`${hexadecimal(netFn)}/${hexadecimal(command)}`, ...Array.from(data, hexadecimal)].join(' ');
}

function response(answer: string): IpmiResponse {
  const [completionCode = 0xff, ...data] = bytes(answer);
  return { completionCode, data: Uint8Array.from(data) };
}

/** Bytes of `01 00 40`, with or without blanks. */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
}

function hexadecimal(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
