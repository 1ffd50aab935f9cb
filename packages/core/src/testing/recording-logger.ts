import { inspect } from 'node:util';
import type { Logger } from '../logging/logger.js';

export type LogLevel = keyof Logger;

/** One line as it was logged. */
export interface LogLine {
  readonly level: LogLevel;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A logger that keeps what it is told. */
export interface RecordingLogger extends Logger {
  /** The newest lines, oldest first. */
  readonly lines: readonly LogLine[];
  /** How many lines were dropped because the logger was full. */
  readonly dropped: number;
  /** The lines of one level. */
  at(level: LogLevel): readonly LogLine[];
  /** All lines as text, fields inspected to the bottom: for asserting what must not be there. */
  text(): string;
  clear(): void;
}

/**
 * Makes a logger for tests.
 * @param limit how many lines are kept, default 1000; older ones are dropped and counted.
 */
export function createRecordingLogger(limit = 1000): RecordingLogger {
  const lines: LogLine[] = [];
  let dropped = 0;
  const keep = (level: LogLevel) => (fields: Readonly<Record<string, unknown>>, message: string): void => {
    lines.push({ level, fields: { ...fields }, message });
    if (lines.length <= limit) return;
    lines.shift();
    dropped += 1;
  };
  return {
    debug: keep('debug'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
    lines,
    get dropped() {
      return dropped;
    },
    at: (level) => lines.filter((line) => line.level === level),
    text: () => lines.map((line) => `${line.level} ${line.message} ${inspect(line.fields, { depth: null, breakLength: Infinity })}`).join('\n'),
    clear() {
      lines.length = 0;
      dropped = 0;
    },
  };
}
