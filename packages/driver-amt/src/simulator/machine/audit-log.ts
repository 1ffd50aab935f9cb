import { Buffer } from 'node:buffer';

/** Who did something. Kinds: 0 a user by digest, 1 by Kerberos, 2 somebody at the machine, 3 over the port of KVM. */
export type AuditInitiator =
  | { readonly kind: 0; readonly name: string }
  | { readonly kind: 1; readonly domain: number; readonly sid: Uint8Array }
  | { readonly kind: 2 | 3 };

/** One record of the audit log. Source: Intel AMT Implementation and Reference Guide, "Access Monitor", with recorded records. */
export interface AuditRecord {
  readonly application: number;
  readonly event: number;
  readonly initiator: AuditInitiator;
  /** Seconds since 1970 by the device's clock. */
  readonly time: number;
  /** 0 IPv4, 1 IPv6, 2 none. */
  readonly locationType: number;
  readonly address: string;
  readonly extended: Uint8Array;
}

/** Applications and events that the device records itself. Source: as above, table of audited events. */
export const AUDITED = {
  powerUp: [17, 0], powerDown: [17, 1], powerCycle: [17, 2], reset: [17, 3], bootOptions: [17, 4], timeSet: [21, 0], consentCode: [30, 1],
} as const;

/** Records in one answer; the documents say 10 or fewer. */
export const AUDIT_PAGE = 10;
const MOST_RECORDS = 2000;

export interface AuditLog {
  /** The oldest first. */
  readonly records: readonly AuditRecord[];
  add(record: AuditRecord): void;
  clear(): void;
}

export function createAuditLog(records: readonly AuditRecord[] = []): AuditLog {
  const kept = [...records];
  return {
    records: kept,
    add(record) {
      kept.push(record);
      if (kept.length > MOST_RECORDS) kept.shift();
    },
    clear: () => void kept.splice(0),
  };
}

/** The bytes of a record: big endian, unlike the event log. */
export function encodeAudit({ application, event, initiator, time, locationType, address, extended }: AuditRecord): string {
  const place = Buffer.from(address, 'latin1');
  return Buffer.concat([
    word(application, 2), word(event, 2), Buffer.from([initiator.kind]), encodeInitiator(initiator), word(time, 4),
    Buffer.from([locationType, place.length]), place, Buffer.from([extended.length]), extended,
  ]).toString('base64');
}

function encodeInitiator(initiator: AuditInitiator): Buffer {
  if (initiator.kind === 0) return Buffer.concat([Buffer.from([Buffer.byteLength(initiator.name)]), Buffer.from(initiator.name)]);
  if (initiator.kind === 1) return Buffer.concat([word(initiator.domain, 4), Buffer.from([initiator.sid.length]), initiator.sid]);
  return Buffer.alloc(0);
}

function word(value: number, bytes: 2 | 4): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}
