import type { Figure } from './figures.ts';

/** One way to do something, measured once in each round. */
export interface Subject {
  readonly figure: Figure;
  measure(): Promise<void>;
}

export interface Comparison {
  readonly text: string;
  readonly ours: Figure;
  readonly other: Figure;
  readonly aim: string;
}

export interface Subjects extends AsyncDisposable {
  readonly list: readonly Subject[];
  readonly comparisons: readonly Comparison[];
}

/** Measures all of them in so many rounds. Each round starts with another one, so that a slow moment does not always meet the same. */
export async function measureInTurn(subjects: readonly Subject[], rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    process.stderr.write(`round ${round + 1} of ${rounds}\n`);
    for (let index = 0; index < subjects.length; index += 1) await subjects[(index + round) % subjects.length]?.measure();
  }
}

/** How often a second something can be done, one after the other. */
export async function ratePerSecond(seconds: number, work: (count: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  const end = started + seconds * 1000;
  let count = 0;
  for (; performance.now() < end; count += 1) await work(count);
  return count / ((performance.now() - started) / 1000);
}
