import { FerricError, throwIfAborted } from '@ferric/core';
import type { IpmiClient, IpmiRequest, IpmiResponse, RequestOptions } from '@ferric/ipmi-raw-buffer';

/** What becomes of one request. */
export type Fate =
  | 'answered'
  /** It never arrives. */
  | 'request lost'
  /** It is carried out, but nobody hears of it. */
  | 'answer lost'
  /** It is not sent: the BMC has no room for a session. */
  | 'no session'
  /** It is answered with this completion code and not carried out. */
  | { readonly completionCode: number };

/** A BMC without a network: it answers requests by a table, byte by byte. */
export interface FakeBmc {
  readonly client: IpmiClient;
  power: 'on' | 'off';
  /** Looks at the power until a change shows. Default 0: at once. */
  looksUntilChange: number;
  /** Whether the operating system obeys a soft shutdown. Default true. */
  obeys: boolean;
  bootFlags: readonly number[];
  identify: number;
  /** Answers by `netFn/command`, in hexadecimal, besides those that it has; a list of bytes begins with the completion code. */
  readonly answers: Map<string, (data: Uint8Array) => readonly number[]>;
  /** What becomes of the next requests of this kind, one after the other. */
  readonly fates: Map<string, Fate[]>;
  /** Every request as `netFn/command data`, in hexadecimal. */
  readonly requests: string[];
  /** Options of every request. */
  readonly options: RequestOptions[];
  /** The same, without those that only look. */
  readonly changes: readonly string[];
  sessionsClosed: number;
}

const LOOKS: ReadonlySet<string> = new Set(['00/01', '00/09', '06/01']);

export function createFakeBmc(address = '192.0.2.10:623'): FakeBmc {
  let pending: { readonly power: 'on' | 'off'; looks: number } | undefined;

  const change = (power: 'on' | 'off'): void => {
    pending = { power, looks: bmc.looksUntilChange };
  };
  const settle = (): void => {
    if (pending === undefined || pending.looks-- > 0) return;
    bmc.power = pending.power;
    pending = undefined;
  };
  const CONTROL: Readonly<Record<number, () => void>> = {
    0: () => change('off'),
    1: () => change('on'),
    4: () => undefined,
    5: () => (bmc.obeys ? change('off') : undefined),
  };

  const table: Readonly<Record<string, (data: Uint8Array) => readonly number[]>> = {
    '00/01': () => {
      settle();
      return [0, bmc.power === 'on' ? 0x21 : 0x20, 0x00, 0x40 | (bmc.identify << 4)];
    },
    '00/02': (data) => {
      CONTROL[data[0] ?? 0xff]?.();
      return [0];
    },
    '00/04': (data) => {
      bmc.identify = data[0] === 0 && data[1] === undefined ? 0 : data[1] === 1 ? 2 : 1;
      return [0];
    },
    '00/08': (data) => {
      if (data[0] === 5) bmc.bootFlags = [...data.subarray(1)];
      return [0];
    },
    '00/09': (data) => (data[0] === 5 ? [0, 0x01, 0x05, ...bmc.bootFlags] : [0x80]),
    '06/01': () => [0, 0x20, 0x01, 0x01, 0x00, 0x02, 0x9f, 0x57, 0x01, 0x00, 0x01, 0x00],
  };

  const raw = async (request: IpmiRequest, options: RequestOptions = {}): Promise<IpmiResponse> => {
    throwIfAborted(options.signal);
    const key = `${hexadecimal(request.netFn)}/${hexadecimal(request.command)}`;
    const data = request.data ?? new Uint8Array();
    bmc.requests.push([key, ...Array.from(data, hexadecimal)].join(' '));
    bmc.options.push(options);
    const fate = bmc.fates.get(key)?.shift();
    if (fate === 'no session') throw new FerricError('BUSY', `No resources for another session at ${address}`, { details: { address } });
    if (fate === 'request lost') throw timeout(address, options);
    if (typeof fate === 'object') return { completionCode: fate.completionCode, data: new Uint8Array() };
    const [completionCode = 0xff, ...answer] = (bmc.answers.get(key) ?? table[key] ?? (() => [0xc1]))(data);
    if (fate === 'answer lost') throw timeout(address, options);
    return { completionCode, data: Uint8Array.from(answer) };
  };

  const bmc: FakeBmc = {
    power: 'off',
    looksUntilChange: 0,
    obeys: true,
    bootFlags: [0, 0, 0, 0, 0],
    identify: 0,
    answers: new Map(),
    fates: new Map(),
    requests: [],
    options: [],
    get changes() {
      return bmc.requests.filter((request) => !LOOKS.has(request.slice(0, 5)));
    },
    sessionsClosed: 0,
    client: {
      address,
      raw,
      session: async () => ({ protocol: '2.0', cipherSuite: 17, privilegeLevel: 'administrator', guid: new Uint8Array(16) }),
      close: async () => void (bmc.sessionsClosed += 1),
      openPayload: async () => {
        throw new FerricError('UNSUPPORTED', 'This BMC has no serial line', { details: { address } });
      },
      counters: { sent: 0, retransmitted: 0, received: 0, sessionsOpened: 0, sessionsClosed: 0, forged: 0, replayed: 0, unexpected: 0 },
      [Symbol.asyncDispose]: async () => undefined,
    },
  };
  return bmc;
}

function timeout(address: string, { step, timeoutMs }: RequestOptions): FerricError {
  return new FerricError('TIMEOUT', `No answer to ${step} from ${address} within ${timeoutMs} ms`, { details: { address, step: step ?? '' } });
}

function hexadecimal(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
