import { createSecretKey } from 'node:crypto';
import { decodeChannelAuthenticationCapabilities, readCapabilitiesPacket } from '../src/client/capabilities.js';
import { decodePresencePong } from '../src/lan/asf.js';
import { decodeCipherSuiteRecords } from '../src/lan/cipher-suite-records.js';
import { SUITES } from '../src/lan/cipher-suites.js';
import { decodeOpenSessionResponse } from '../src/lan/open-session.js';
import { decodePacket } from '../src/lan/packet.js';
import { decodePacketV15, verifyAuthCode } from '../src/lan/packet-v15.js';
import { Protection } from '../src/lan/protection.js';
import { decodeRakp2, decodeRakp4 } from '../src/lan/rakp.js';
import { decodeResponseFrame } from '../src/message/frame.js';

const key = createSecretKey(Buffer.alloc(20, 7));
const keys = { sik: key, k1: key, k2: Buffer.alloc(32, 9) };
const protections = Object.values(SUITES).map((suite) => new Protection(suite, suite.hash === null ? null : keys));

/** Every decoder of packets and sessions, for tests with bytes of any kind. */
export const LAN_DECODERS: readonly { readonly name: string; readonly decode: (bytes: Uint8Array) => unknown }[] = [
  { name: 'IPMI message', decode: (bytes) => decodeResponseFrame(bytes) },
  { name: 'IPMI message without checksums', decode: (bytes) => decodeResponseFrame(bytes, false) },
  { name: 'RMCP+ packet', decode: decodePacket },
  { name: 'IPMI 1.5 packet', decode: decodePacketV15 },
  { name: 'IPMI 1.5 auth code', decode: (bytes) => verifyAuthCode(decodePacketV15(bytes), Buffer.alloc(16)) },
  { name: 'open session response', decode: decodeOpenSessionResponse },
  ...Object.values(SUITES).flatMap((suite) => [
    { name: `RAKP 2 of suite ${suite.id}`, decode: (bytes: Uint8Array) => decodeRakp2(bytes, suite) },
    { name: `RAKP 4 of suite ${suite.id}`, decode: (bytes: Uint8Array) => decodeRakp4(bytes, suite) },
  ]),
  ...protections.map((protection, index) => ({
    name: `session packet ${index}`,
    decode: (bytes: Uint8Array) => protection.open(bytes, bytes.length >= 10 ? Buffer.from(bytes).readUInt32LE(6) : 0),
  })),
  { name: 'presence pong', decode: decodePresencePong },
  { name: 'channel cipher suites', decode: decodeCipherSuiteRecords },
  { name: 'authentication capabilities', decode: decodeChannelAuthenticationCapabilities },
  { name: 'authentication capabilities packet', decode: readCapabilitiesPacket },
];
