import type { ApiAnswer } from '../api-client.js';

/** What tells of the inside of the program. No request of ours has any of it, so an answer cannot repeat it. */
const INSIDE: readonly RegExp[] = [
  /\bat (?:async )?(?:[\w.<>[\] ]+ )?\(?(?:file:|node:|\/)[^\s)]*:\d+/,
  /node:internal|node_modules|\.[cm]?[jt]s:\d+/,
  /\b(?:Type|Range|Syntax|Reference|Eval|URI|Aggregate|Ferric|Assertion|Sqlite|Postgres)Error\b/,
  /\[object \w+\]/,
  /\bSQLITE_|\bsqlite\b|constraint failed|kysely|\bERR_[A-Z]|Cannot read propert|is not a function|is not iterable|Invalid array length/i,
];

/** Why an answer is not one that any request may get; undefined when it is. */
export function complaint(method: string, answer: ApiAnswer): string | undefined {
  const { status, text, headers } = answer;
  if (status >= 500 && status !== 503) return `status ${status}`;
  const inside = INSIDE.find((pattern) => pattern.test(text));
  if (inside !== undefined) return `it tells of the inside of the program (${inside.source})`;
  if (typeof headers['openstack-request-id'] !== 'string') return 'it has no request id';
  if (status < 400 || method === 'HEAD') return undefined;
  if (headers['content-type'] !== 'application/json') return `its type is ${String(headers['content-type'])}`;
  return envelopeComplaint(answer);
}

function envelopeComplaint({ status, body, error }: ApiAnswer): string | undefined {
  if (error === undefined || Object.keys(body as object).join() !== 'error_message') return 'it is not in the envelope of errors';
  if (typeof error['faultstring'] === 'string') {
    const side = status < 500 ? 'Client' : 'Server';
    return error['faultcode'] === side && error['debuginfo'] === null && error['faultstring'] !== '' ? undefined : 'its fault is not whole';
  }
  const isWhole = error['code'] === status && typeof error['title'] === 'string' && typeof error['description'] === 'string';
  return isWhole ? undefined : 'it has neither a fault nor a title';
}
