import { invalidOptions, type OptionIssue, printValue } from '@ferric/core';

/** How an iLO answers, besides what is right. May be changed while it runs. */
export interface IloBehaviour {
  /** Added to the time of each answer. Milliseconds, default 0. */
  delayMs: number;
  /** Where an answer of RIBCL is cut into chunks: at the places that were recorded, anywhere, or after so many bytes. Default `recorded`. */
  chunks: 'recorded' | 'anywhere' | number;
  /** What is wrong with the XML of RIBCL: faults of real firmware. Default `none`. */
  damage: 'none' | 'self-closed root' | 'unescaped quotes' | 'control bytes' | 'bytes above 7f' | 'cut short';
  /** Whether RIBCL says in each answer that the client is outdated, as some firmware does. Default false. */
  informs: boolean;
  /** Content type of each answer instead of the right one. Default undefined. */
  contentType: string | undefined;
  /** Compresses answers of REST that nobody asked to be, with or without saying so. Default `never`. */
  gzip: 'never' | 'labelled' | 'unlabelled';
  /** `by the book`; `case`: to the path in the case in which it is written; `loop`: always to the same place; `elsewhere`: to another machine. */
  redirects: 'by the book' | 'case' | 'loop' | 'elsewhere';
  /** Whether RIBCL is switched on, where the generation has it. Default true. */
  ribcl: boolean;
  /** Whether `/xmldata` tells of the machine. Default true. */
  xmldata: boolean;
  /** Pause before a wrong password is answered. Milliseconds, default 0. */
  loginFailureDelayMs: number;
  /** Time of a session without a request. Milliseconds, default 30 minutes. */
  sessionTimeoutMs: number;
}

export const DEFAULT_BEHAVIOUR: IloBehaviour = {
  delayMs: 0,
  chunks: 'recorded',
  damage: 'none',
  informs: false,
  contentType: undefined,
  gzip: 'never',
  redirects: 'by the book',
  ribcl: true,
  xmldata: true,
  loginFailureDelayMs: 0,
  sessionTimeoutMs: 30 * 60_000,
};

const RANGES: readonly (readonly [keyof IloBehaviour, number, number])[] = [
  ['delayMs', 0, 600_000], ['loginFailureDelayMs', 0, 600_000], ['sessionTimeoutMs', 1, 86_400_000],
];

/** What is wrong with the numbers of a behaviour. */
export function behaviourIssues(behaviour: Partial<IloBehaviour>): readonly OptionIssue[] {
  return RANGES.flatMap(([field, least, most]): OptionIssue[] => {
    const value = behaviour[field];
    if (value === undefined || (typeof value === 'number' && value >= least && value <= most)) return [];
    return [{ field, problem: 'invalid', expected: `a number from ${least} to ${most}`, received: printValue(value) }];
  });
}

/** @throws INVALID_OPTIONS */
export function checkIssues(issues: readonly OptionIssue[]): void {
  if (issues.length > 0) throw invalidOptions('Simulated iLO', issues);
}
