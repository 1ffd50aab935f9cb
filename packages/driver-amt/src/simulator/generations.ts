import type { SecureVersion } from 'node:tls';

/** Generations of AMT that the simulator knows. */
export const GENERATIONS = [5, 6, 9, 11, 12, 15, 16] as const;
export type Generation = (typeof GENERATIONS)[number];

/** What makes a generation, besides the classes and fields that carry a `since` or an `until` in their tables. */
export interface GenerationTraits {
  /** Of CIM_SoftwareIdentity. */
  readonly version: string;
  readonly build: string;
  /** The Server header. */
  readonly server: string;
  /** Oldest and newest TLS. */
  readonly tls: readonly [SecureVersion, SecureVersion];
  /** False: there is no port without TLS. */
  readonly plain: boolean;
  /** What the digest challenge offers. */
  readonly qop: string;
}

const PRODUCT = 'Intel(R) Active Management Technology';

/**
 * Sources: TLS from the Intel AMT Implementation and Reference Guide, "Transport Layer Security" (TLS 1.2 came with 12.0, TLS 1.0 went with it,
 * TLS 1.1 went with 15 and 16) and "Authentication Options" (auth-int); versions 9.1.34, 12.0.67 and 15.0.23 are recorded ones, the others are
 * examples of their generation; the missing version in the header of 11 and the missing plain port of 16.1 are reports of users.
 */
export const GENERATION_TRAITS: Readonly<Record<Generation, GenerationTraits>> = {
  5: { version: '5.2.0', build: '1008', server: `${PRODUCT} 5.2.0`, tls: ['TLSv1', 'TLSv1'], plain: true, qop: 'auth' },
  6: { version: '6.2.20', build: '1035', server: `${PRODUCT} 6.2.20`, tls: ['TLSv1', 'TLSv1'], plain: true, qop: 'auth' },
  9: { version: '9.1.34', build: '1002', server: `${PRODUCT} 9.1.34`, tls: ['TLSv1', 'TLSv1.1'], plain: true, qop: 'auth' },
  11: { version: '11.8.50', build: '3399', server: PRODUCT, tls: ['TLSv1', 'TLSv1.1'], plain: true, qop: 'auth' },
  12: { version: '12.0.67', build: '1579', server: `${PRODUCT} 12.0.67.1579`, tls: ['TLSv1.1', 'TLSv1.2'], plain: true, qop: 'auth' },
  15: { version: '15.0.23', build: '1706', server: `${PRODUCT} 15.0.23.1706`, tls: ['TLSv1.2', 'TLSv1.2'], plain: true, qop: 'auth' },
  16: { version: '16.1.25', build: '2124', server: `${PRODUCT} 16.1.25.2124`, tls: ['TLSv1.2', 'TLSv1.2'], plain: false, qop: 'auth-int, auth' },
};

/** From when to when something exists. Left out: always. */
export interface Era {
  readonly since?: Generation;
  readonly until?: Generation;
}

export function existsIn(era: Era, generation: Generation): boolean {
  return generation >= (era.since ?? generation) && generation <= (era.until ?? generation);
}
