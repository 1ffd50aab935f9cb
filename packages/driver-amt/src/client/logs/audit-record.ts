import { FerricError } from '@ferric/core';
import { present } from '../classes/present.js';
import { type Named, nameOf } from '../classes/value-readers.js';
import { auditDetail } from './audit-detail.js';
import { AUDIT_APPLICATIONS, AUDIT_INITIATOR_TYPES, AUDIT_LOCATION_TYPES } from './audit-names.js';
import { recordBytes, type RecordBytes, recordTime } from './record-bytes.js';

/** One entry of the audit log: who did what. */
export interface AuditRecord {
  /** By the clock of the device, read as UTC though many keep local time; null when it had no time. */
  readonly at: Date | null;
  /** `firmware update: firmware updated, from 12.0.40.1433 to 12.0.36.1428`. */
  readonly message: string;
  readonly applicationId: number;
  readonly eventId: number;
  /** Left out when the number has no name yet. */
  readonly application?: string;
  readonly event?: string;
  readonly initiatorType: Named<typeof AUDIT_INITIATOR_TYPES>;
  /** Name of a digest user, or identifier of a Kerberos user: `S-1-5-21-...`. Left out where there is nobody. */
  readonly initiator?: string;
  readonly locationType: Named<typeof AUDIT_LOCATION_TYPES>;
  /** Where it was done from; left out for the machine itself. */
  readonly address?: string;
  /** What the extra bytes say. */
  readonly detail?: string;
  /** Bytes that belong to the event. */
  readonly extra: Uint8Array;
}

/**
 * Decodes one record of the audit log. Its numbers are big-endian, unlike those of the event log.
 * Source: Intel AMT Implementation and Reference Guide, "Read the Audit Log".
 * @throws PROTOCOL_FAULT for a record that ends too early, or whose initiator is of a kind that is not known: what follows cannot be found then
 */
export function decodeAuditRecord(bytes: Uint8Array): AuditRecord {
  const record = recordBytes('A record of the audit log', bytes);
  const applicationId = record.u16('big');
  const eventId = record.u16('big');
  const known = AUDIT_APPLICATIONS[applicationId];
  const event = known?.events[eventId];
  const words = `${known?.name ?? `application ${applicationId}`}: ${event ?? `event ${eventId}`}`;

  const initiatorType = record.u8();
  const readInitiator = INITIATORS[initiatorType];
  if (readInitiator === undefined) throw unknownInitiator(words, initiatorType);
  const initiator = readInitiator(record);
  const at = recordTime(record.u32('big'));
  const locationType = record.u8();
  const address = text(record.counted());
  const extra = record.counted();
  const detail = auditDetail(applicationId, eventId, extra);
  return present({
    at,
    message: detail === undefined ? words : `${words}, ${detail}`,
    applicationId,
    eventId,
    application: known?.name,
    event,
    initiatorType: nameOf(AUDIT_INITIATOR_TYPES, initiatorType),
    initiator,
    locationType: nameOf(AUDIT_LOCATION_TYPES, locationType),
    address: address === '' ? undefined : address,
    detail,
    extra,
  });
}

type ReadInitiator = (record: RecordBytes) => string | undefined;

const nobody: ReadInitiator = () => undefined;

const INITIATORS: Readonly<Record<number, ReadInitiator>> = {
  0: (record) => text(record.counted()),
  1(record) {
    const domainUser = record.u32('big');
    return sidText(record.counted()) ?? `user ${domainUser} of a domain`;
  },
  2: nobody,
  3: nobody,
};

function unknownInitiator(words: string, initiatorType: number): FerricError {
  return new FerricError('PROTOCOL_FAULT', `${words}. The record has an initiator of kind ${initiatorType}, which is not known, so that nothing behind it can be read`, {
    details: { record: 'audit log record', initiatorType },
  });
}

/** Source: MS-DTYP, section 2.4.2.2: revision, count, authority of 6 bytes big-endian, authorities of 4 bytes little-endian. */
function sidText(bytes: Uint8Array): string | undefined {
  const [revision, count] = bytes;
  if (revision === undefined || count === undefined || bytes.length !== 8 + count * 4) return undefined;
  const buffer = Buffer.from(bytes);
  const authorities = Array.from({ length: count }, (_item, index) => buffer.readUInt32LE(8 + index * 4));
  return ['S', revision, buffer.readUIntBE(2, 6), ...authorities].join('-');
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8').replaceAll('\0', '');
}
