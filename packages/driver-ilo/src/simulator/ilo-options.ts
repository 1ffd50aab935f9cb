import { type FaultKind, type OptionIssue, printValue, type Secret } from '@ferric/core';
import { behaviourIssues, checkIssues, type IloBehaviour } from './behaviour.js';
import type { ResetDurations } from './controller.js';
import { GENERATIONS } from './generations.js';
import type { MachineOptions } from './machine/machine-options.js';

/** The faults of core's vocabulary that an iLO can show: all of them. */
export const SUPPORTED_FAULTS: readonly FaultKind[] = [
  'silence', 'refuse', 'reset', 'close', 'half frame', 'garbage', 'slow', 'busy', 'wrong state', 'command failure',
];

export interface IloOptions extends MachineOptions {
  /** Shown in logs and demos. Default: a generated name. */
  readonly name?: string;
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** TCP port, default 0: a free one. */
  readonly port?: number;
  /** Default `Administrator`. */
  readonly username?: string;
  /** Default: made up. */
  readonly password?: Secret | string;
  /** `legacy`: nothing newer than TLS 1.0, with a key of 1024 bits and a certificate with SHA-1. Default `modern`. */
  readonly tls?: 'modern' | 'legacy';
  /** How many sessions of REST may be open at a time. Default 10. */
  readonly mostSessions?: number;
  /** How long the iLO is away when it starts anew. */
  readonly resetDurations?: Partial<ResetDurations>;
  /** How long a request for a certificate takes. Milliseconds, default 100. */
  readonly certificateRequestMs?: number;
  /** How it answers; may be changed while it runs, at {@link VirtualIlo.behaviour}. */
  readonly behaviour?: Partial<IloBehaviour>;
  /** Is told of each request in one line for people, without secrets. */
  readonly onLine?: (line: string) => void;
}

const RANGES: readonly (readonly [field: 'port' | 'mostSessions', least: number, most: number])[] = [
  ['port', 0, 65_535], ['mostSessions', 1, 100],
];

const CHOICES: readonly (readonly [field: 'generation' | 'tls' | 'bootModes' | 'bootMode' | 'licence', values: readonly string[]])[] = [
  ['generation', GENERATIONS], ['tls', ['modern', 'legacy']], ['bootModes', ['bios', 'uefi', 'both']], ['bootMode', ['bios', 'uefi']],
  ['licence', ['advanced', 'standard']],
];

const MOST_MS = 86_400_000;

/** All times and counts of the machine and its iLO, with the names of their groups. */
function timesOf({ post = {}, powerDurations = {}, resetDurations = {}, eraseMs, updateMs, certificateRequestMs }: IloOptions): readonly (readonly [field: string, value: unknown])[] {
  const grouped = Object.entries({ post, powerDurations, resetDurations }).flatMap(([group, times]) =>
    Object.entries(times).map(([name, value]): [string, unknown] => [`${group}.${name}`, value]),
  );
  return [...grouped, ...Object.entries({ eraseMs, updateMs, certificateRequestMs })].filter(([, value]) => value !== undefined);
}

/** @throws INVALID_OPTIONS for an iLO that cannot exist */
export function checkIloOptions(options: IloOptions): void {
  checkIssues([...behaviourIssues(options.behaviour ?? {}), ...numberIssues(options), ...wordIssues(options)]);
}

function numberIssues(options: IloOptions): readonly OptionIssue[] {
  const issues: OptionIssue[] = [];
  for (const [field, least, most] of RANGES) {
    const value = options[field];
    if (value === undefined || (Number.isSafeInteger(value) && value >= least && value <= most)) continue;
    issues.push({ field, problem: 'invalid', expected: `a whole number from ${least} to ${most}`, received: printValue(value) });
  }
  for (const [field, value] of timesOf(options)) {
    if (typeof value === 'number' && value >= 0 && value <= MOST_MS) continue;
    issues.push({ field, problem: 'invalid', expected: `a number from 0 to ${MOST_MS}`, received: printValue(value) });
  }
  return issues;
}

function wordIssues(options: IloOptions): readonly OptionIssue[] {
  const issues: OptionIssue[] = [];
  for (const [field, values] of CHOICES) {
    const value = options[field];
    if (value === undefined ? field !== 'generation' : values.includes(value)) continue;
    issues.push({ field, problem: 'invalid', expected: `one of ${values.join(', ')}`, received: printValue(value) });
  }
  const { firmwareVersion } = options;
  if (firmwareVersion !== undefined && !/^\d+\.\d+$/.test(firmwareVersion)) {
    issues.push({ field: 'firmwareVersion', problem: 'invalid', expected: 'a version such as 2.44', received: printValue(firmwareVersion) });
  }
  if (options.username === '') issues.push({ field: 'username', problem: 'invalid', expected: 'a text that is not empty', received: '""' });
  return issues;
}
