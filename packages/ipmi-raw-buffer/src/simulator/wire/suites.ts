/** A way to authenticate, to protect and to hide. */
export interface Suite {
  readonly id: number;
  /** Numbers on the wire: authentication, integrity, confidentiality. */
  readonly algorithms: readonly [authentication: number, integrity: number, confidentiality: number];
  /** Of the handshake, for Node's crypto; undefined: no authentication. */
  readonly hash: 'sha1' | 'sha256' | undefined;
  /** Bytes of the check in RAKP message 4. */
  readonly handshakeCheckLength: number;
  /** Bytes of the check of a packet, 0: packets are not checked. */
  readonly packetCheckLength: number;
  readonly encrypts: boolean;
}

/** What the BMC can speak. Sources: IPMI 2.0, tables 13-17 to 13-20 and 22-20. */
const SUITES = {
  0: { id: 0, algorithms: [0, 0, 0], hash: undefined, handshakeCheckLength: 0, packetCheckLength: 0, encrypts: false },
  1: { id: 1, algorithms: [1, 0, 0], hash: 'sha1', handshakeCheckLength: 12, packetCheckLength: 0, encrypts: false },
  2: { id: 2, algorithms: [1, 1, 0], hash: 'sha1', handshakeCheckLength: 12, packetCheckLength: 12, encrypts: false },
  3: { id: 3, algorithms: [1, 1, 1], hash: 'sha1', handshakeCheckLength: 12, packetCheckLength: 12, encrypts: true },
  17: { id: 17, algorithms: [3, 4, 1], hash: 'sha256', handshakeCheckLength: 16, packetCheckLength: 16, encrypts: true },
} as const satisfies Readonly<Record<number, Suite>>;

export type VirtualCipherSuite = keyof typeof SUITES;
export const VIRTUAL_CIPHER_SUITES: readonly VirtualCipherSuite[] = [0, 1, 2, 3, 17];

export function suiteOf(id: VirtualCipherSuite): Suite {
  return SUITES[id];
}

/** Records of Get Channel Cipher Suites. Source: IPMI 2.0, section 22.15.2. */
export function suiteRecords(suites: readonly Suite[]): Uint8Array {
  return Uint8Array.from(suites.flatMap(({ id, algorithms: [authentication, integrity, confidentiality] }) => [
    0xc0, id, authentication, 0x40 | integrity, 0x80 | confidentiality,
  ]));
}
