export { clearLog, decodeLogEntry, readLogEntries, readLogServices } from './logs.js';
export type { LogCut, LogEntry, LogEntryOptions, LogService } from './logs.js';
