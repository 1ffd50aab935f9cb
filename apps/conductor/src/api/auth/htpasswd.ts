import { invalidOptions, printValue, Secret, type OptionIssue } from '@ferric/core';

/** Users with the bcrypt hashes of their passwords. */
export type Users = ReadonlyMap<string, Secret>;

/** The whole of a bcrypt hash: kind, cost, and 22 + 31 characters of salt and hash. */
const BCRYPT = /^\$2[aby]\$(?<cost>\d\d)\$[./A-Za-z0-9]{53}$/;

/** Lowest cost that bcrypt has. */
const LOWEST_COST = 4;
/** Highest cost that is accepted: one check takes about two seconds, and each further step doubles that. */
const HIGHEST_COST = 15;
const LONGEST_NAME = 255;
/** Lines whose faults are told. */
const MOST_ISSUES = 10;

/** What Apache's program writes with `-B`. */
const MAKE_LINE = 'make it with: htpasswd -B FILE USER';

interface Line {
  readonly number: number;
  readonly user: string;
  readonly hash: Secret;
}

/**
 * Reads Apache's user file, lines such as `alice:$2y$10$...`. Blank lines and those that begin with `#` are passed over.
 * Sources: Apache HTTP Server, "Password Formats" and htpasswd(1); ironic_lib/auth_basic.py (parse_entry): only bcrypt is accepted.
 * @param option as the user writes it: `--htpasswd`
 * @throws INVALID_OPTIONS naming line and user, never a hash; also when there is no user at all.
 */
export function parseHtpasswd(text: Secret, option: string): Users {
  const users = new Map<string, Secret>();
  const lineOf = new Map<string, number>();
  const issues: OptionIssue[] = [];
  for (const line of readLines(text)) {
    const expected = lineProblem(line) ?? duplicateProblem(line, lineOf);
    if (expected !== undefined) issues.push({ field: `${option} line ${line.number}`, problem: 'invalid', expected });
    users.set(line.user, line.hash);
    lineOf.set(line.user, line.number);
  }
  if (issues.length === 0 && users.size === 0) issues.push({ field: option, problem: 'invalid', expected: `a file with at least one user; ${MAKE_LINE}` });
  if (issues.length > 0) throw invalidOptions('Configuration', issues.slice(0, MOST_ISSUES));
  return users;
}

function readLines(text: Secret): readonly Line[] {
  return text.reveal().split('\n').flatMap((whole, index): Line[] => {
    const line = whole.trim();
    if (line === '' || line.startsWith('#')) return [];
    const end = line.indexOf(':');
    // Without a colon the line may be nothing but a hash: it is no name that could be shown.
    const user = end < 0 ? '' : line.slice(0, end);
    return [{ number: index + 1, user, hash: new Secret(line.slice(end + 1)) }];
  });
}

/** What would have to be there instead; undefined when the line is good. */
function lineProblem({ user, hash }: Line): string | undefined {
  if (user === '') return 'lines of user:hash';
  if (user.length > LONGEST_NAME || /\p{Cc}/u.test(user)) return `names of at most ${LONGEST_NAME} characters, none of them a control character`;
  const cost = BCRYPT.exec(hash.reveal())?.groups?.['cost'];
  if (cost === undefined) return `a bcrypt hash ($2y$, $2b$ or $2a$) for user ${printValue(user)}; ${MAKE_LINE}`;
  if (Number(cost) < LOWEST_COST || Number(cost) > HIGHEST_COST) return `a bcrypt hash of a cost from ${LOWEST_COST} to ${HIGHEST_COST} for user ${printValue(user)}`;
  return undefined;
}

/** Apache takes the first line of a user. Whoever appended a second to change a password would not notice. */
function duplicateProblem({ user }: Line, lineOf: ReadonlyMap<string, number>): string | undefined {
  const first = lineOf.get(user);
  return first === undefined ? undefined : `one line for user ${printValue(user)}, who stands in line ${first} already`;
}
