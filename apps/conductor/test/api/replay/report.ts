import type { KnownDifference } from './differences.js';
import type { Preparation } from './preparations.js';
import type { RecordedExchange } from './recorded.js';
import type { ReplayResult } from './replay.js';

/** How the replay came out. */
export interface Verdicts {
  /** Numbers of the exchanges whose answers are alike in everything that clients read. */
  readonly alike: readonly string[];
  /** Those that differ where they are meant to. */
  readonly deliberate: readonly string[];
  /** Those that differ elsewhere, or no more where they are said to. */
  readonly defects: readonly string[];
}

/** Places that differ and are not known to, and known ones that do not differ. */
export function unexpected({ number, differences }: ReplayResult, known: readonly KnownDifference[]): readonly string[] {
  const found = Object.keys(differences);
  const ours = known.filter(({ exchanges }) => exchanges.includes(number));
  if (ours.some(({ paths }) => paths === 'whole answer')) return found.includes('status') ? [] : ['the status is the same'];
  const paths = ours.flatMap((difference) => difference.paths as readonly string[]);
  return [...found.filter((path) => !paths.includes(path)), ...paths.filter((path) => !found.includes(path)).map((path) => `no difference at ${path}`)];
}

export function verdicts(results: readonly ReplayResult[], known: readonly KnownDifference[]): Verdicts {
  const numbers = (meets: (result: ReplayResult) => boolean): readonly string[] => results.filter(meets).map(({ number }) => number);
  const isDefect = (result: ReplayResult): boolean => unexpected(result, known).length > 0;
  return {
    alike: numbers((result) => !isDefect(result) && Object.keys(result.differences).length === 0),
    deliberate: numbers((result) => !isDefect(result) && Object.keys(result.differences).length > 0),
    defects: numbers(isDefect),
  };
}

function placesOf({ paths }: KnownDifference): readonly string[] {
  return paths === 'whole answer' ? ['the whole answer'] : paths.map((path) => `\`${path.replace(/^body\./, '')}\``);
}

/** The page of the documentation that tells of the differences. */
export function differencesPage(
  exchanges: readonly RecordedExchange[],
  results: readonly ReplayResult[],
  known: readonly KnownDifference[],
  preparations: readonly Preparation[],
): string {
  const { alike, deliberate, defects } = verdicts(results, known);
  const title = (number: string): string => `${number} ${exchanges.find((exchange) => exchange.number === number)?.name ?? ''}`;
  const reasons = [...new Set(known.map(({ reason }) => reason))].map((reason) => {
    const those = known.filter((difference) => difference.reason === reason);
    const numbers = [...new Set(those.flatMap((difference) => difference.exchanges))].toSorted();
    return `| ${reason} | ${numbers.map(title).join(', ')} | ${[...new Set(those.flatMap(placesOf))].join(', ')} |`;
  });
  return [
    '# Where answers differ from those of Ironic',
    '',
    `The tests send ${results.length} requests to a conductor that were recorded with OpenStack Ironic 21.4, in their order, and compare status, headers and body.`,
    'This page is written by that test (`apps/conductor/test/api/replay`, `vitest run -u`); it fails when an answer differs elsewhere, or no more where it is said to.',
    '',
    '| Answers | Exchanges |',
    '|---|---|',
    `| alike | ${alike.length} |`,
    `| different on purpose, see below | ${deliberate.length} |`,
    `| different by mistake | ${defects.length} |`,
    '',
    '| Reason | Exchanges | Places |',
    '|---|---|---|',
    ...reasons,
    '',
    'Requests that are not in the record, sent so that it fits:',
    '',
    ...preparations.map(({ before, request, reason }) => `- Before ${before}: \`${request.method} ${request.path}\`. ${reason}`),
    '',
  ].join('\n');
}
