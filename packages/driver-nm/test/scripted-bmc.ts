import { completionError, type IpmiRequest, type IpmiResponse, type RequestCarrier, type RequestOptions } from '@ferric/ipmi-raw-buffer';

export interface ScriptedBmc extends RequestCarrier {
  /** What was asked, as `2eca570100`, with the bridge before it: `0:2c 2eca570100`. */
  readonly asked: readonly string[];
  readonly options: readonly RequestOptions[];
}

const hexadecimal = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Hexadecimal digits without the blanks that make them readable. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
}

export function printRequest({ netFn, command, data = new Uint8Array(0), bridge = [] }: IpmiRequest): string {
  const hops = bridge.map((hop) => `${hop.channel}:${hop.address.toString(16)} `).join('');
  return `${hops}${hexadecimal(Uint8Array.of(netFn, command, ...data))}`;
}

/** A carrier that answers as `reply` says: completion code and data, or what it throws. */
export function scriptedBmc(reply: (request: string) => string | Error): ScriptedBmc {
  const asked: string[] = [];
  const options: RequestOptions[] = [];
  return {
    address: '192.0.2.10:623',
    asked,
    options,
    async raw(request, requestOptions = {}): Promise<IpmiResponse> {
      const printed = printRequest(request);
      asked.push(printed);
      options.push(requestOptions);
      const answer = reply(printed);
      if (typeof answer !== 'string') throw answer;
      const [completionCode = 0xff, ...data] = bytesOf(answer);
      return { completionCode, data: Uint8Array.from(data) };
    },
  };
}

/** The error of a BMC that could not pass a request on. */
export function notPassedOn(completionCode: number): Error {
  return completionError({ netFn: 0x06, command: 0x34 }, completionCode, '192.0.2.10:623', 'Send Message');
}
