import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';

/** What a BMC was sent, taken apart at fixed offsets. */
export interface Seen {
  readonly what: 'ping' | 'capabilities' | 'cipher suites' | 'challenge' | 'activate' | 'open' | 'RAKP 1' | 'RAKP 3' | 'request' | 'payload' | 'rubbish';
  readonly datagram: Buffer;
  /** The message or payload in clear. */
  readonly payload: Buffer;
  /** Session sequence number. */
  readonly sequence: number;
  readonly session: BmcSession | undefined;
  /** Of messages: `06/01`. */
  readonly command: string;
  readonly data: Buffer;
  readonly rqSeq: number;
}

export interface BmcSession {
  readonly bmcSessionId: number;
  readonly consoleSessionId: number;
  readonly suite: number;
  readonly privilegeLevel: number;
  rakp1: Buffer;
  sik: Buffer;
  /** RAKP 3, or Activate Session, was right. */
  active: boolean;
  closed: boolean;
  outbound: number;
}

/** What is sent instead of the usual answer. */
export type Behaviour = (seen: Seen, usual: () => readonly Buffer[]) => readonly Buffer[] | undefined;

export interface ScriptedBmcOptions {
  readonly username?: string;
  readonly password?: string;
  readonly kgKey?: Buffer;
  readonly suites?: readonly number[];
  /** Answers requests by `06/01`: completion code and data. */
  readonly answers?: Readonly<Record<string, (data: Buffer) => readonly number[]>>;
  /** Bits of the authentication types offered. */
  readonly authTypes?: number;
}

interface SuiteFacts {
  readonly algorithms: string;
  readonly hash: string | null;
  readonly short: number;
  readonly integrity: boolean;
  readonly aes: boolean;
}

const SUITES: Readonly<Record<number, SuiteFacts>> = {
  0: { algorithms: '0/0/0', hash: null, short: 0, integrity: false, aes: false },
  1: { algorithms: '1/0/0', hash: 'sha1', short: 12, integrity: false, aes: false },
  2: { algorithms: '1/1/0', hash: 'sha1', short: 12, integrity: true, aes: false },
  3: { algorithms: '1/1/1', hash: 'sha1', short: 12, integrity: true, aes: true },
  17: { algorithms: '3/4/1', hash: 'sha256', short: 16, integrity: true, aes: true },
};
const BMC_RANDOM = Buffer.from('404142434445464748494a4b4c4d4e4f', 'hex');
export const BMC_GUID = Buffer.from('a0a1a2a3a4a5a6a7a8a9aaabacadaeaf', 'hex');
export const DEVICE_ID = [0x00, 0x03, 0x09, 0x08, 0x02, 0x9f, 0x91, 0x12, 0x00, 0x02, 0x0f];
const CHALLENGE = Buffer.from('09c0027908acb581f04ed9095ece5b85', 'hex');
const TEMPORARY_SESSION_ID = 5;

/** A BMC written by hand, with its own bytes: it shares nothing with the client. */
export class ScriptedBmc {
  readonly seen: Seen[] = [];
  readonly sessions: BmcSession[] = [];
  behaviour: Behaviour = () => undefined;
  readonly #options: ScriptedBmcOptions;
  readonly #password: Buffer;
  #v15: { sessionId: number; authType: number; outbound: number } | undefined;

  constructor(options: ScriptedBmcOptions = {}) {
    this.#options = options;
    this.#password = Buffer.from(options.password ?? 'secret');
  }

  get openSessions(): number {
    return this.sessions.filter(({ active, closed }) => active && !closed).length;
  }

  requests(command: string): readonly Seen[] {
    return this.seen.filter((seen) => seen.command === command);
  }

  count(what: Seen['what']): number {
    return this.seen.filter((seen) => seen.what === what).length;
  }

  /** What it answers to a datagram. */
  handle(datagram: Buffer): readonly Buffer[] {
    const seen = this.#look(datagram);
    this.seen.push(seen);
    return this.behaviour(seen, () => this.#usual(seen)) ?? this.#usual(seen);
  }

  /** A response in the session of a request, under the next sequence number. */
  respond(seen: Seen, answer: readonly number[], changes: { readonly rqSeq?: number; readonly command?: number; readonly netFn?: number } = {}): Buffer {
    return this.sealMessage(seen, response(seen, answer, changes));
  }

  sealMessage(seen: Seen, message: Buffer): Buffer {
    if (seen.session === undefined) return this.#sealV15(message);
    return this.seal(seen.session, 0, message);
  }

  seal(session: BmcSession, payloadType: number, payload: Buffer, sequence: number = (session.outbound += 1)): Buffer {
    const { hash, integrity, aes, short } = suiteOf(session.suite);
    const vector = createHash('md5').update(String(sequence)).digest();
    const pad = 15 - (payload.length % 16);
    const padding = Buffer.from([...Array.from({ length: pad }, (_, index) => index + 1), pad]);
    const body = aes
      ? Buffer.concat([vector, createCipheriv('aes-128-cbc', this.#key(session, 2).subarray(0, 16), vector).setAutoPadding(false).update(Buffer.concat([payload, padding]))])
      : payload;
    const head = Buffer.alloc(12);
    head.set([6, payloadType | (aes ? 0x80 : 0) | (integrity ? 0x40 : 0)]);
    head.writeUInt32LE(session.consoleSessionId, 2);
    head.writeUInt32LE(sequence >>> 0, 6);
    head.writeUInt16LE(body.length, 10);
    if (!integrity || hash === null) return Buffer.concat([RMCP, head, body]);
    const trailerPad = (4 - ((head.length + body.length + 2) % 4)) % 4;
    const covered = Buffer.concat([head, body, Buffer.alloc(trailerPad, 0xff), Buffer.from([trailerPad, 7])]);
    return Buffer.concat([RMCP, covered, createHmac(hash, this.#key(session, 1)).update(covered).digest().subarray(0, short)]);
  }

  #usual(seen: Seen): readonly Buffer[] {
    switch (seen.what) {
      case 'ping': return [Buffer.concat([Buffer.from('0600ff06000011be40', 'hex'), seen.datagram.subarray(9, 10), Buffer.from('0010000011be000000008100000000000000', 'hex')])];
      case 'capabilities': return [openV15(response(seen, [0, 1, 0x80 | (this.#options.authTypes ?? 0x14), 0x04, 0x03, 0, 0, 0, 0]))];
      case 'cipher suites': return [openV20(0, response(seen, [0, 1, ...(seen.data[2] === 0x80 ? [0xc0, 3, 1, 0x41, 0x81, 0xc0, 17, 3, 0x44, 0x81, 0xc0, 0, 0, 0x40, 0x80, 0xc0] : [2, 1, 0x41, 0x80])]))];
      case 'challenge': return [openV15(response(seen, this.#challenge(seen)))];
      case 'activate': return this.#activate(seen);
      case 'open': return this.#open(seen);
      case 'RAKP 1': return this.#rakp2(seen);
      case 'RAKP 3': return this.#rakp4(seen);
      case 'request': return this.#answer(seen);
      case 'payload': case 'rubbish': return [];
    }
  }

  #answer(seen: Seen): readonly Buffer[] {
    const own = this.#options.answers?.[seen.command];
    if (own !== undefined) return [this.respond(seen, own(seen.data))];
    const known: Readonly<Record<string, () => readonly number[]>> = {
      '06/01': () => DEVICE_ID,
      '06/3b': () => [0, seen.data[0] ?? 0],
      '06/3c': () => this.#close(seen),
    };
    return [this.respond(seen, known[seen.command]?.() ?? [0xc1])];
  }

  #close(seen: Seen): readonly number[] {
    const session = this.sessions.find(({ bmcSessionId }) => bmcSessionId === seen.data.readUInt32LE(0));
    if (session !== undefined) session.closed = true;
    return [session === undefined && this.#v15?.sessionId !== seen.data.readUInt32LE(0) ? 0x87 : 0];
  }

  #open({ payload }: Seen): readonly Buffer[] {
    const algorithms = [payload[12], payload[20], payload[28]].join('/');
    const suite = (this.#options.suites ?? [3, 17]).find((id) => suiteOf(id).algorithms === algorithms);
    const head = Buffer.from([payload[0] ?? 0, suite === undefined ? 0x11 : 0, payload[1] ?? 0, 0]);
    if (suite === undefined) return [openV20(0x11, Buffer.concat([head, payload.subarray(4, 8)]))];
    const session: BmcSession = {
      bmcSessionId: 0x0100 + this.sessions.length, consoleSessionId: payload.readUInt32LE(4), suite, privilegeLevel: payload[1] ?? 0,
      rakp1: Buffer.alloc(0), sik: Buffer.alloc(0), active: false, closed: false, outbound: 0,
    };
    this.sessions.push(session);
    return [openV20(0x11, Buffer.concat([head, payload.subarray(4, 8), number(session.bmcSessionId), payload.subarray(8)]))];
  }

  #rakp2({ payload, session }: Seen): readonly Buffer[] {
    const name = payload.subarray(28, 28 + (payload[27] ?? 0));
    if (session === undefined) return [openV20(0x13, Buffer.from([payload[0] ?? 0, 0x02]))];
    const head = (status: number): Buffer => Buffer.concat([Buffer.from([payload[0] ?? 0, status, 0, 0]), number(session.consoleSessionId)]);
    if (name.toString() !== (this.#options.username ?? 'admin')) return [openV20(0x13, head(0x0d))];
    session.rakp1 = payload;
    const code = this.#hmac(session, this.#password, [
      number(session.consoleSessionId), number(session.bmcSessionId), payload.subarray(8, 24), BMC_RANDOM, BMC_GUID, this.roleAndName(session),
    ]);
    session.sik = this.#hmac(session, this.#options.kgKey ?? this.#password, [payload.subarray(8, 24), BMC_RANDOM, this.roleAndName(session)]);
    return [openV20(0x13, Buffer.concat([head(0), BMC_RANDOM, BMC_GUID, code]))];
  }

  /** Overwritten by a BMC with a fault of its own. */
  roleAndName(session: BmcSession): Buffer {
    return Buffer.concat([session.rakp1.subarray(24, 25), session.rakp1.subarray(27)]);
  }

  #rakp4({ payload, session }: Seen): readonly Buffer[] {
    if (session === undefined || payload[1] !== 0) {
      if (session !== undefined) session.closed = true;
      return session === undefined ? [openV20(0x15, Buffer.from([payload[0] ?? 0, 0x02]))] : [];
    }
    const proof = this.#hmac(session, this.#password, [BMC_RANDOM, number(session.consoleSessionId), this.roleAndName(session)]);
    const right = proof.equals(payload.subarray(8));
    const head = Buffer.concat([Buffer.from([payload[0] ?? 0, right ? 0 : 0x0f, 0, 0]), number(session.consoleSessionId)]);
    if (!right) return [openV20(0x15, head)];
    session.active = true;
    const check = this.#hmac(session, session.sik, [session.rakp1.subarray(8, 24), number(session.bmcSessionId), BMC_GUID]);
    return [openV20(0x15, Buffer.concat([head, check.subarray(0, suiteOf(session.suite).short)]))];
  }

  #challenge(seen: Seen): readonly number[] {
    const name = seen.data.subarray(1, 17).toString().replace(/\0+$/, '');
    return name === (this.#options.username ?? 'admin') ? [0, ...number(TEMPORARY_SESSION_ID), ...CHALLENGE] : [0x81];
  }

  #activate(seen: Seen): readonly Buffer[] {
    const authType = seen.data[0] ?? 0;
    const code = authType === 0 ? Buffer.alloc(0) : seen.datagram.subarray(13, 29);
    if (!code.equals(this.#authCode(authType, TEMPORARY_SESSION_ID, 0, seen.payload))) return [];
    this.#v15 = { sessionId: TEMPORARY_SESSION_ID, authType, outbound: seen.data.readUInt32LE(18) - 1 };
    const answer = this.#sealV15(response(seen, [0, authType, ...number(0x1082), ...number(0x23a8a188), 4]));
    this.#v15.sessionId = 0x1082;
    return [answer];
  }

  #sealV15(message: Buffer): Buffer {
    const session = this.#v15 ?? { sessionId: 0, authType: 0, outbound: 0 };
    session.outbound = (session.outbound + 1) >>> 0;
    const code = this.#authCode(session.authType, session.sessionId, session.outbound, message);
    return Buffer.concat([RMCP, Buffer.from([session.authType]), number(session.outbound), number(session.sessionId), code, Buffer.from([message.length]), message]);
  }

  #authCode(authType: number, sessionId: number, sequence: number, message: Buffer): Buffer {
    const password = Buffer.concat([this.#password, Buffer.alloc(16)]).subarray(0, 16);
    if (authType === 0) return Buffer.alloc(0);
    if (authType === 4) return password;
    return createHash('md5').update(Buffer.concat([password, number(sessionId), message, number(sequence), password])).digest();
  }

  #hmac(session: BmcSession, key: Buffer, parts: readonly Buffer[]): Buffer {
    const { hash } = suiteOf(session.suite);
    return hash === null ? Buffer.alloc(0) : createHmac(hash, key).update(Buffer.concat(parts)).digest();
  }

  #key(session: BmcSession, constant: number): Buffer {
    return this.#hmac(session, session.sik, [Buffer.alloc(20, constant)]);
  }

  #look(datagram: Buffer): Seen {
    const base = { datagram, payload: datagram, sequence: 0, session: undefined, command: '', data: Buffer.alloc(0), rqSeq: 0 };
    if (datagram[3] === 6) return { ...base, what: 'ping' };
    if (datagram[4] !== 6) return this.#lookV15(datagram, base);
    const payload = datagram.subarray(16, 16 + datagram.readUInt16LE(14));
    const sessionId = datagram.readUInt32LE(6);
    if (sessionId !== 0) return this.#lookSealed(datagram, base, sessionId);
    const session = this.sessions.find(({ bmcSessionId, closed }) => bmcSessionId === payload.readUInt32LE(4) && !closed);
    switch (datagram[5]) {
      case 0x00: return { ...base, ...takeApart(payload), what: 'cipher suites' };
      case 0x10: return { ...base, what: 'open', payload };
      case 0x12: return { ...base, what: 'RAKP 1', payload, session };
      case 0x14: return { ...base, what: 'RAKP 3', payload, session };
      default: return { ...base, what: 'rubbish' };
    }
  }

  #lookV15(datagram: Buffer, base: Omit<Seen, 'what'>): Seen {
    const start = datagram[4] === 0 ? 14 : 30;
    const parts = takeApart(datagram.subarray(start, start + (datagram[start - 1] ?? 0)));
    const what = ({ '06/38': 'capabilities', '06/39': 'challenge', '06/3a': 'activate' } as const)[parts.command] ?? 'request';
    return { ...base, ...parts, what, sequence: datagram.readUInt32LE(5) };
  }

  #lookSealed(datagram: Buffer, base: Omit<Seen, 'what'>, sessionId: number): Seen {
    const session = this.sessions.find(({ bmcSessionId }) => bmcSessionId === sessionId);
    if (session === undefined || !session.active || session.closed) return { ...base, what: 'rubbish' };
    const { hash, integrity, aes, short } = suiteOf(session.suite);
    if (integrity && hash !== null) {
      const expected = createHmac(hash, this.#key(session, 1)).update(datagram.subarray(4, -short)).digest().subarray(0, short);
      if (!expected.equals(datagram.subarray(-short))) return { ...base, what: 'rubbish' };
    }
    const body = datagram.subarray(16, 16 + datagram.readUInt16LE(14));
    let payload = body;
    if (aes) {
      const plain = createDecipheriv('aes-128-cbc', this.#key(session, 2).subarray(0, 16), body.subarray(0, 16)).setAutoPadding(false).update(body.subarray(16));
      payload = plain.subarray(0, plain.length - 1 - (plain.at(-1) ?? 0));
    }
    const common = { ...base, session, sequence: datagram.readUInt32LE(10) };
    if (((datagram[5] ?? 0) & 0x3f) !== 0) return { ...common, what: 'payload', payload };
    return { ...common, ...takeApart(payload), what: 'request' };
  }
}

const RMCP = Buffer.from('0600ff07', 'hex');

function suiteOf(id: number): SuiteFacts {
  const suite = SUITES[id];
  if (suite === undefined) throw new Error(`no suite ${id}`);
  return suite;
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function takeApart(payload: Buffer): { readonly payload: Buffer; readonly command: string; readonly data: Buffer; readonly rqSeq: number } {
  const [, netFn = 0, , , sequence = 0, command = 0] = payload;
  const name = Buffer.from([netFn >> 2, command]).toString('hex');
  return { payload, command: `${name.slice(0, 2)}/${name.slice(2)}`, data: payload.subarray(6, -1), rqSeq: sequence >> 2 };
}

/** The bytes of a response message to a request message. */
export function response(
  seen: Seen, answer: readonly number[], changes: { readonly rqSeq?: number; readonly command?: number; readonly netFn?: number; readonly from?: number } = {},
): Buffer {
  const [rsAddress = 0, netFnLun = 0, , rqAddress = 0, sequence = 0, command = 0] = seen.payload;
  const head = [rqAddress, ((changes.netFn ?? (netFnLun >> 2) + 1) << 2) | (sequence & 3)];
  const rest = [changes.from ?? rsAddress, ((changes.rqSeq ?? sequence >> 2) << 2) | (netFnLun & 3), changes.command ?? command, ...answer];
  const sum = (bytes: readonly number[]): number => -bytes.reduce((total, byte) => total + byte, 0) & 0xff;
  return Buffer.from([...head, sum(head), ...rest, sum(rest)]);
}

function openV15(messageBytes: Buffer): Buffer {
  return Buffer.concat([RMCP, Buffer.alloc(9), Buffer.from([messageBytes.length]), messageBytes]);
}

function openV20(payloadType: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.set([6, payloadType]);
  head.writeUInt16LE(payload.length, 10);
  return Buffer.concat([RMCP, head, payload]);
}
