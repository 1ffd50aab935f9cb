import { recordBytes, type RecordBytes } from './record-bytes.js';

type ReadDetail = (bytes: RecordBytes) => string | undefined;

const TLS_MODES: Readonly<Record<number, string>> = { 0: 'off', 1: 'server', 2: 'mutual' };
const UNPROVISIONERS: Readonly<Record<number, string>> = {
  0: 'BIOS', 1: 'firmware menu', 2: 'local interface', 3: 'local WS-Management', 4: 'remote WS-Management',
};
const CONSENT_POLICIES: Readonly<Record<number, string>> = { 0: 'none', 1: 'kvm', 255: 'all' };

const named = (names: Readonly<Record<number, string>>, value: number): string => names[value] ?? String(value);

const version = (bytes: RecordBytes): string => [bytes.u16('big'), bytes.u16('big'), bytes.u16('big'), bytes.u16('big')].join('.');

/** Name of a digest user; a Kerberos user is a number of bytes without a name. */
const userName: ReadDetail = (bytes) => (bytes.u8() === 0 ? `user ${Buffer.from(bytes.counted()).toString('utf8')}` : undefined);

/**
 * What the extra bytes of some events say, by application and event. Source: Intel AMT Implementation and Reference Guide, the pages of the audit log's
 * events by application, column Parameters.
 */
const DETAILS: Readonly<Record<string, ReadDetail>> = {
  '16.2': userName,
  '16.4': userName,
  '16.5': (bytes) => `at ${named({ 0: 'AMT', 1: 'the firmware menu' }, bytes.u8())}`,
  '16.7': (bytes) => `network ${named(TLS_MODES, bytes.u8())}, local ${named(TLS_MODES, bytes.u8())}`,
  '16.19': (bytes) => `by ${named(UNPROVISIONERS, bytes.u8())}`,
  '19.0': (bytes) => `from ${version(bytes)} to ${version(bytes)}`,
  '21.0': (bytes) => `to ${new Date(bytes.u32('big') * 1000).toISOString()}`,
  '30.0': (bytes) => `from ${named(CONSENT_POLICIES, bytes.u8())} to ${named(CONSENT_POLICIES, bytes.u8())}`,
  '30.1': (bytes) => named({ 0: 'right', 1: 'wrong three times' }, bytes.u8()),
};

/** What the extra bytes of a record say; undefined for events whose bytes are not known, and for bytes that are not as documented. */
export function auditDetail(application: number, event: number, extra: Uint8Array): string | undefined {
  try {
    return DETAILS[`${application}.${event}`]?.(recordBytes('extra data', extra));
  } catch {
    // The record itself is whole: its bytes stay readable in `extra`.
    return undefined;
  }
}
