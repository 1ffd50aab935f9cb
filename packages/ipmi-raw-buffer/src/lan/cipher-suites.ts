import type { CipherSuiteId } from '../client/client-types.js';

/** Algorithms of one cipher suite, by their numbers on the wire. Source: IPMI 2.0, tables 13-17 to 13-20 and 22-20. */
export interface CipherSuite {
  readonly id: CipherSuiteId;
  /** 0 none, 1 HMAC-SHA1, 3 HMAC-SHA256. */
  readonly authentication: number;
  /** 0 none, 1 HMAC-SHA1-96, 4 HMAC-SHA256-128. */
  readonly integrity: number;
  /** 0 none, 1 AES-CBC-128. */
  readonly confidentiality: number;
  /** Hash under the HMACs; null: nothing is proved. */
  readonly hash: 'sha1' | 'sha256' | null;
  /** Bytes of the code in RAKP 2 and 3. */
  readonly keyExchangeBytes: number;
  /** Bytes of the code in RAKP 4. */
  readonly integrityCheckBytes: number;
  /** Bytes of the code that ends each packet of the session. */
  readonly packetCodeBytes: number;
}

const SHA1 = { authentication: 1, hash: 'sha1', keyExchangeBytes: 20, integrityCheckBytes: 12 } as const;
const SHA256 = { authentication: 3, hash: 'sha256', keyExchangeBytes: 32, integrityCheckBytes: 16 } as const;

/** The suites that are spoken. */
export const SUITES: Readonly<Record<CipherSuiteId, CipherSuite>> = {
  0: { id: 0, authentication: 0, hash: null, keyExchangeBytes: 0, integrityCheckBytes: 0, integrity: 0, packetCodeBytes: 0, confidentiality: 0 },
  1: { id: 1, ...SHA1, integrity: 0, packetCodeBytes: 0, confidentiality: 0 },
  2: { id: 2, ...SHA1, integrity: 1, packetCodeBytes: 12, confidentiality: 0 },
  3: { id: 3, ...SHA1, integrity: 1, packetCodeBytes: 12, confidentiality: 1 },
  17: { id: 17, ...SHA256, integrity: 4, packetCodeBytes: 16, confidentiality: 1 },
};
