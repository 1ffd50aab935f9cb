import { Buffer } from 'node:buffer';
import type { AuditRecord } from '../machine/audit-log.js';
import type { EventRecord } from '../machine/event-log.js';

const progress: EventRecord = {
  time: 1_694_565_922, sensorType: 0x0f, eventType: 0x6f, offset: 2, sourceType: 0x68, severity: 1, sensorNumber: 0xff, entity: 0x22, entityInstance: 0,
  data: [0x40, 0x07],
};

/** The three records of a recorded event log, the newest first. */
export const RECORDED_EVENTS: readonly EventRecord[] = [
  {
    time: 1_704_511_587, sensorType: 0x06, eventType: 0x6f, offset: 5, sourceType: 0x68, severity: 0x10, sensorNumber: 0xff, entity: 0x26,
    entityInstance: 0x61, data: [0xaa, 0x0a],
  },
  progress,
  progress,
];

const firmwareUpdate = (time: number): AuditRecord => ({
  application: 19, event: 0, initiator: { kind: 2 }, time, locationType: 2, address: '', extended: Buffer.from('000c000000280599000c000000240594', 'hex'),
});

/** The two records of a recorded audit log. */
export const RECORDED_AUDITS: readonly AuditRecord[] = [firmwareUpdate(0x3f_f4_cd_6e), firmwareUpdate(0x3f_f4_cd_6f)];
