/** How bad it is that a state is asserted. */
export type Severity = 'ok' | 'warning' | 'critical' | 'nonrecoverable';

/** What one state of a discrete sensor, or one kind of event, says. */
export interface StateMeaning {
  readonly text: string;
  readonly severity: Severity;
}

/** Meanings by offset; null where the specification has none. */
export type StateTable = readonly (StateMeaning | null)[];

const RANK: Readonly<Record<Severity, number>> = { ok: 0, warning: 1, critical: 2, nonrecoverable: 3 };

export const ok = (text: string): StateMeaning => ({ text, severity: 'ok' });
export const warning = (text: string): StateMeaning => ({ text, severity: 'warning' });
export const critical = (text: string): StateMeaning => ({ text, severity: 'critical' });
export const nonrecoverable = (text: string): StateMeaning => ({ text, severity: 'nonrecoverable' });

/** The worst of some; `ok` when there are none. */
export function worstSeverity(severities: Iterable<Severity>): Severity {
  let worst: Severity = 'ok';
  for (const severity of severities) {
    if (RANK[severity] > RANK[worst]) worst = severity;
  }
  return worst;
}
