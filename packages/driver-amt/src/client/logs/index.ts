export type { AuditRecord } from './audit-record.js';
export type { EventRecord } from './event-record.js';
export { createLogCalls } from './log-calls.js';
export type { AuditLogStatus, EventLogStatus, LogCalls } from './log-calls.js';
export type { UnreadableRecord } from './unreadable-record.js';
