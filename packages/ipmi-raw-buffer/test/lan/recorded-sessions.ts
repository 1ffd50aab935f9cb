import { createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SUITES, type CipherSuite } from '../../src/lan/cipher-suites.js';
import { deriveKeys, type KeyExchange, type SessionKeys } from '../../src/lan/rakp.js';

/** One datagram as it was recorded, and its payload in clear. */
export interface RecordedPacket {
  readonly from: 'console' | 'bmc';
  readonly raw: Buffer;
  readonly plain: Buffer;
}

/** A recorded session of IPMI 2.0 with what its handshake agreed on, read off the wire at fixed offsets. */
export interface RecordedSession {
  readonly id: string;
  readonly suite: CipherSuite;
  readonly password: KeyObject;
  readonly packets: readonly RecordedPacket[];
  readonly exchange: KeyExchange;
  readonly keys: SessionKeys;
  /** Keys as the recording tool noted them down, where it did. */
  readonly noted: { readonly sik: string; readonly k1: string; readonly k2: string } | undefined;
}

interface FixtureSession {
  readonly id: string;
  readonly user: string;
  readonly password: string;
  readonly packets: readonly { readonly from: 'console' | 'bmc'; readonly raw: string; readonly plain: string }[];
}

interface GoldenSession {
  readonly cipher_suite: 3 | 17;
  readonly user: string;
  readonly password: string;
  readonly sik: string;
  readonly k1: string;
  readonly k2: string;
  readonly packets: readonly (readonly [string, string, string, string?])[];
}

const HEADER = 16;

function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'));
}

/** The recorded session of IPMI 1.5 with MD5. */
export function recordedV15(): readonly RecordedPacket[] {
  const [session] = (readFixture('sessions') as FixtureSession[]).filter(({ id }) => id === 'v15-md5');
  return (session?.packets ?? []).map(({ from, raw, plain }) => ({ from, raw: Buffer.from(raw, 'hex'), plain: Buffer.from(plain, 'hex') }));
}

/** All recorded sessions of IPMI 2.0. */
export function recordedV20(): readonly RecordedSession[] {
  const captured = (readFixture('sessions') as FixtureSession[]).filter(({ id }) => id !== 'v15-md5').map((session) => {
    const packets = session.packets.map(({ from, raw, plain }) => ({ from, raw: Buffer.from(raw, 'hex'), plain: Buffer.from(plain, 'hex') }));
    return describeSession(session.id, 17, session.user, session.password, packets, undefined);
  });
  const golden = (readFixture('golden-sessions') as GoldenSession[]).map((session) => {
    const packets = session.packets.map(([from, , raw, plain]): RecordedPacket => {
      const bytes = Buffer.from(raw, 'hex');
      return { from: from === 'con' ? 'console' : 'bmc', raw: bytes, plain: plain === undefined ? bytes.subarray(bytes[4] === 6 ? HEADER : 14) : Buffer.from(plain, 'hex') };
    });
    return describeSession(`golden-${session.cipher_suite}`, session.cipher_suite, session.user, session.password, packets, session);
  });
  return [...captured, ...golden];
}

/** The block that makes a fresh cipher yield this initialisation vector. */
export function blockBehind(vector: Uint8Array, keys: SessionKeys): Buffer {
  return createDecipheriv('aes-128-ecb', keys.k2.subarray(0, 16), null).setAutoPadding(false).update(vector);
}

function describeSession(
  id: string, suiteId: 3 | 17, user: string, password: string, packets: readonly RecordedPacket[], noted: RecordedSession['noted'],
): RecordedSession {
  const payloadOf = (type: number): Buffer => packets.find(({ raw }) => raw[4] === 6 && raw[5] === type)?.raw.subarray(HEADER) ?? Buffer.alloc(0);
  const [opened, rakp1, rakp2] = [payloadOf(0x11), payloadOf(0x12), payloadOf(0x13)];
  const exchange: KeyExchange = {
    consoleSessionId: opened.readUInt32LE(4),
    bmcSessionId: opened.readUInt32LE(8),
    consoleRandom: rakp1.subarray(8, 24),
    bmcRandom: rakp2.subarray(8, 24),
    guid: rakp2.subarray(24, 40),
    role: rakp1.readUInt8(24),
    username: Buffer.from(user),
  };
  const key = createSecretKey(Buffer.from(password));
  const keys = deriveKeys(SUITES[suiteId], key, exchange);
  if (keys === null) throw new Error('a recorded suite has keys');
  return { id, suite: SUITES[suiteId], password: key, packets, exchange, keys, noted };
}
