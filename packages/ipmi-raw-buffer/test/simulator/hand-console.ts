import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { Bmc } from '../../src/simulator/bmc.js';
import type { BmcOptions } from '../../src/simulator/index.js';
import { resolveSettings } from '../../src/simulator/settings.js';

// A console written by hand from the protocol's description: it shares no line with the simulator and none with the client.

const USER = { name: 'admin', password: 'secret' } as const;

/** Suites by hand: hash, bytes of the check in RAKP message 4, of a packet's check, whether it encrypts. */
const SUITES = {
  0: { algorithms: [0, 0, 0], hash: null, finalLength: 0, checkLength: 0, encrypts: false },
  1: { algorithms: [1, 0, 0], hash: 'sha1', finalLength: 12, checkLength: 0, encrypts: false },
  2: { algorithms: [1, 1, 0], hash: 'sha1', finalLength: 12, checkLength: 12, encrypts: false },
  3: { algorithms: [1, 1, 1], hash: 'sha1', finalLength: 12, checkLength: 12, encrypts: true },
  17: { algorithms: [3, 4, 1], hash: 'sha256', finalLength: 16, checkLength: 16, encrypts: true },
} as const;
export type HandSuite = keyof typeof SUITES;

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const le32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};
const checksum = (bytes: Uint8Array): number => (256 - (bytes.reduce((sum, byte) => sum + byte, 0) % 256)) % 256;

/** A request of a console to the BMC, or to whom the address says. */
export function request(netFn: number, command: number, data: readonly number[] = [], sequence = 0, lun = 0, address = 0x20, from = 0x81): Buffer {
  const head = Buffer.of(address, (netFn << 2) | lun);
  const body = Buffer.of(from, sequence << 2, command, ...data);
  return Buffer.concat([head, Buffer.of(checksum(head)), body, Buffer.of(checksum(body))]);
}

/** What an answer says. Fails when it is none for this console. */
export interface HandAnswer {
  readonly netFn: number;
  readonly command: number;
  readonly sequence: number;
  readonly completionCode: number;
  /** Hexadecimal digits. */
  readonly data: string;
}

export function readAnswer(message: Buffer): HandAnswer {
  if (checksum(message.subarray(0, 3)) !== 0 || checksum(message.subarray(3)) !== 0) throw new Error(`checksum of ${message.toString('hex')}`);
  return {
    netFn: message.readUInt8(1) >> 2,
    sequence: message.readUInt8(4) >> 2,
    command: message.readUInt8(5),
    completionCode: message.readUInt8(6),
    data: message.subarray(7, -1).toString('hex'),
  };
}

export interface OpenOptions {
  readonly suite?: HandSuite;
  readonly user?: string;
  readonly password?: string;
  /** Byte of RAKP message 1. Default 0x14: administrator, by name only. */
  readonly role?: number;
  readonly openRole?: number;
  readonly kgKey?: Buffer;
  /** Raises the session to this level; 0: leave it. Default 4. */
  readonly privilege?: number;
}

/** Why a handshake failed. */
export class Refused extends Error {
  readonly stage: string;
  readonly status: number;

  constructor(stage: string, status: number) {
    super(`${stage}: ${status.toString(16)}`);
    this.stage = stage;
    this.status = status;
  }
}

let handshakes = 0;

/** A console at an address of its own. */
export class HandConsole {
  readonly peer: { readonly address: string; readonly port: number };
  readonly received: Buffer[] = [];
  readonly #bmc: Bmc;

  constructor(bmc: Bmc, port: number) {
    this.#bmc = bmc;
    this.peer = { address: '127.0.0.1', port };
  }

  send(datagram: Uint8Array): void {
    this.#bmc.receive(datagram, this.peer);
  }

  /** All that came since it was asked last. */
  take(): readonly Buffer[] {
    return this.received.splice(0);
  }

  /** Sends and takes the one datagram that comes back. */
  exchange(datagram: Uint8Array): Buffer {
    this.send(datagram);
    const answers = this.take();
    if (answers.length !== 1) throw new Error(`${answers.length} answers to ${Buffer.from(datagram).toString('hex')}`);
    return answers[0] ?? Buffer.alloc(0);
  }

  /** A message outside a session, in the header of IPMI 1.5. */
  ask(netFn: number, command: number, data: readonly number[] = []): HandAnswer {
    const message = request(netFn, command, data);
    const answer = this.exchange(Buffer.concat([hex('0600ff07 00 00000000 00000000'), Buffer.of(message.length), message]));
    return readAnswer(answer.subarray(14, 14 + answer.readUInt8(13)));
  }

  /** A packet of RMCP+ outside a session. */
  static handshakePacket(payloadType: number, payload: Uint8Array): Buffer {
    return Buffer.concat([hex('0600ff07 06'), Buffer.of(payloadType), Buffer.alloc(8), Buffer.of(payload.length & 0xff, payload.length >> 8), payload]);
  }

  #shake(stage: string, payloadType: number, payload: Uint8Array): Buffer {
    const answer = this.exchange(HandConsole.handshakePacket(payloadType, payload));
    const body = answer.subarray(16, 16 + answer.readUInt16LE(14));
    if (answer.readUInt8(5) !== payloadType + 1) throw new Error(`payload type ${answer.readUInt8(5)}`);
    if (body.readUInt8(1) !== 0) throw new Refused(stage, body.readUInt8(1));
    return body;
  }

  /** The open request; its answer without the header. */
  static openRequest(suite: HandSuite, consoleId: Uint8Array, role = 0, tag = 0): Buffer {
    const blocks = SUITES[suite].algorithms.map((algorithm, type) => Buffer.of(type, 0, 0, 8, algorithm, 0, 0, 0));
    return Buffer.concat([Buffer.of(tag, role, 0, 0), consoleId, ...blocks]);
  }

  open({ suite = 3, user = USER.name, password = USER.password, role = 0x14, openRole = 0, kgKey, privilege = 4 }: OpenOptions = {}): HandSession {
    handshakes += 1;
    const consoleId = le32(0xa0000000 + handshakes);
    const { hash, finalLength } = SUITES[suite];
    const mac = (key: Uint8Array | string, ...parts: readonly Uint8Array[]): Buffer =>
      hash === null ? Buffer.alloc(0) : createHmac(hash, key).update(Buffer.concat(parts)).digest();
    const opened = this.#shake('open', 0x10, HandConsole.openRequest(suite, consoleId, openRole));
    const bmcId = Buffer.from(opened.subarray(8, 12));
    const consoleRandom = createHash('md5').update(consoleId).digest();
    const roleAndName = Buffer.concat([Buffer.of(role, Buffer.byteLength(user)), Buffer.from(user)]);
    const rakp1 = Buffer.concat([Buffer.of(0, 0, 0, 0), bmcId, consoleRandom, Buffer.of(role, 0, 0, Buffer.byteLength(user)), Buffer.from(user)]);
    const rakp2 = this.#shake('rakp2', 0x12, rakp1);
    const [bmcRandom, guid] = [Buffer.from(rakp2.subarray(8, 24)), rakp2.subarray(24, 40)];
    const expected = mac(password, consoleId, bmcId, consoleRandom, bmcRandom, guid, roleAndName);
    const passwordFits = rakp2.subarray(40).equals(expected);
    const sessionKey = mac(kgKey ?? password, consoleRandom, bmcRandom, roleAndName);
    const rakp3 = Buffer.concat([Buffer.of(0, 0, 0, 0), bmcId, mac(password, bmcRandom, consoleId, roleAndName)]);
    const rakp4 = this.#shake('rakp4', 0x14, rakp3);
    const final = mac(sessionKey, consoleRandom, bmcId, guid).subarray(0, finalLength);
    if (!passwordFits || !rakp4.subarray(8).equals(final)) throw new Error('the BMC does not know the password');
    const session = new HandSession(this, suite, consoleId, bmcId, mac(sessionKey, Buffer.alloc(20, 1)), mac(sessionKey, Buffer.alloc(20, 2)).subarray(0, 16));
    if (privilege !== 0) {
      const raised = session.command(0x06, 0x3b, [privilege]);
      if (raised.completionCode !== 0) throw new Refused('privilege', raised.completionCode);
    }
    return session;
  }
}

/** A session as the console sees it. */
export class HandSession {
  /** Number of the next packet. */
  sequence = 1;
  rqSeq = 0;
  constructor(
    readonly console: HandConsole,
    readonly suite: HandSuite,
    readonly consoleId: Buffer,
    readonly bmcId: Buffer,
    readonly integrityKey: Buffer,
    readonly encryptionKey: Buffer,
  ) {}

  /** A packet of this session with a payload. */
  seal(payload: Uint8Array, sequence: number = this.sequence++, payloadType = 0, isMarked = true): Buffer {
    const { encrypts, checkLength, hash } = SUITES[this.suite];
    let body = Buffer.from(payload);
    if (encrypts) {
      const padLength = 15 - (body.length % 16);
      const plain = Buffer.concat([body, Buffer.from(Array.from({ length: padLength }, (_, index) => index + 1)), Buffer.of(padLength)]);
      const initial = createHash('md5').update(le32(sequence)).digest();
      const cipher = createCipheriv('aes-128-cbc', this.encryptionKey, initial).setAutoPadding(false);
      body = Buffer.concat([initial, cipher.update(plain), cipher.final()]);
    }
    const flags = (encrypts ? 0x80 : 0) | (checkLength > 0 && isMarked ? 0x40 : 0);
    const length = Buffer.of(body.length & 0xff, body.length >> 8);
    const packet = Buffer.concat([Buffer.of(0x06, payloadType | flags), this.bmcId, le32(sequence), length, body]);
    if (hash === null || checkLength === 0) return Buffer.concat([hex('0600ff07'), packet]);
    const padLength = (4 - ((packet.length + 2) % 4)) % 4;
    const covered = Buffer.concat([packet, Buffer.alloc(padLength, 0xff), Buffer.of(padLength, 0x07)]);
    const check = createHmac(hash, this.integrityKey).update(covered).digest().subarray(0, checkLength);
    return Buffer.concat([hex('0600ff07'), covered, check]);
  }

  /** Payload type, number and payload of a packet from the BMC. Fails when it is not authentic. */
  unseal(datagram: Buffer): { readonly payloadType: number; readonly sequence: number; readonly payload: Buffer } {
    const { encrypts, checkLength, hash } = SUITES[this.suite];
    const packet = datagram.subarray(4);
    if (!packet.subarray(2, 6).equals(this.consoleId)) throw new Error('of another session');
    const end = 12 + packet.readUInt16LE(10);
    if (hash !== null && checkLength > 0) {
      const expected = createHmac(hash, this.integrityKey).update(packet.subarray(0, -checkLength)).digest().subarray(0, checkLength);
      if (!expected.equals(packet.subarray(-checkLength))) throw new Error('integrity');
    }
    let payload = packet.subarray(12, end);
    if (encrypts && (packet.readUInt8(1) & 0x80) !== 0) {
      const decipher = createDecipheriv('aes-128-cbc', this.encryptionKey, payload.subarray(0, 16)).setAutoPadding(false);
      const plain = Buffer.concat([decipher.update(payload.subarray(16)), decipher.final()]);
      payload = plain.subarray(0, plain.length - 1 - plain.readUInt8(plain.length - 1));
    }
    return { payloadType: packet.readUInt8(1) & 0x3f, sequence: packet.readUInt32LE(6), payload };
  }

  /** A request with the next number of requests, as a datagram. */
  packet(netFn: number, command: number, data: readonly number[] = [], lun = 0): Buffer {
    this.rqSeq = (this.rqSeq + 1) % 64;
    return this.seal(request(netFn, command, data, this.rqSeq, lun));
  }

  command(netFn: number, command: number, data: readonly number[] = [], lun = 0): HandAnswer {
    return readAnswer(this.unseal(this.console.exchange(this.packet(netFn, command, data, lun))).payload);
  }

  /** Completion code and data in one text: `00 010203`, `c1`. */
  say(netFn: number, command: number, data: readonly number[] | string = [], lun = 0): string {
    const { completionCode, data: answer } = this.command(netFn, command, typeof data === 'string' ? [...hex(data)] : data, lun);
    return `${completionCode.toString(16).padStart(2, '0')} ${answer}`.trim();
  }
}

/** A BMC without a socket, and as many consoles as a test wants. */
export interface Bench {
  readonly bmc: Bmc;
  console(): HandConsole;
  /** A session of the administrator with suite 3. */
  session(options?: OpenOptions): HandSession;
}

export const BENCH_PORT = 623;

export function createBench(options: BmcOptions = {}): Bench {
  const consoles = new Map<number, HandConsole>();
  const settings = resolveSettings({ users: [USER], cipherSuites: [0, 1, 2, 3, 17], ...options });
  const bmc = new Bmc(settings, BENCH_PORT, (datagram, peer) => consoles.get(peer.port)?.received.push(Buffer.from(datagram)));
  const makeConsole = (): HandConsole => {
    const console = new HandConsole(bmc, 40_000 + consoles.size);
    consoles.set(console.peer.port, console);
    return console;
  };
  return { bmc, console: makeConsole, session: (given) => makeConsole().open(given) };
}
