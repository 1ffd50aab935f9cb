export { clearLog, decodeLogEntry, readLogEntries, readLogServices } from './logs.js';
export type { LogEntry, LogService } from './logs.js';
