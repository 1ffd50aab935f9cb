/** What clients of Ironic see in place of a secret. */
export const MASK = '******';

/** Words that make a name in a text the name of a secret; {@link MASK} replaces what follows it. */
const WORDS = [
  'password', 'passwd', 'passphrase', 'secret', 'token', 'admin_?pass', 'new_?pass', 'sys_?pswd', 'configdrive', 'encrypted_?key', 'private_?key',
  'auth_?key', 'priv_?key', 'license_?key', 'fernetkey', 'sslkey', 'secureon', 'hex_kg_key',
].join('|');

// Every repetition is limited or cannot overlap what follows it: texts come from outside and may be a megabyte long.
const REST_OF_NAME = '[\\w.-]{0,64}';
const BLANKS = '\\s{0,8}';
/** A value in quotes that are themselves escaped (JSON inside JSON), in double quotes, in single quotes, or up to the next blank. */
const VALUE = [
  '(?<open1>\\\\")(?:[^"\\\\]|\\\\\\\\\\\\"|\\\\(?!"))*(?<close1>(?:\\\\")?)',
  '(?<open2>")(?:[^"\\\\]|\\\\[^])*(?<close2>"?)',
  "(?<open3>')(?:[^'\\\\]|\\\\[^])*(?<close3>'?)",
  '[^\\s"\']+',
].join('|');

const PATTERNS: readonly RegExp[] = [
  // scheme://user:value@
  /(?<lead>[a-z][a-z0-9+.-]{0,31}:\/\/[^\s/:@"<>]*:)[^\s/"<>]+(?<tail>@)/gi,
  // Authorization: Basic value
  new RegExp(`(?<lead>authorization[\\\\"']{0,3}${BLANKS}[=:]${BLANKS}[\\\\"']{0,3}(?:basic|bearer)\\s{1,8})[^\\s"',\\\\]+`, 'gi'),
  // <password>value</password>, also when the text ends before the closing tag
  new RegExp(`(?<lead><[\\w:.-]{0,64}(?:${WORDS})${REST_OF_NAME}(?:\\s[^<>]{0,256})?>)(?:${BLANKS}<!\\[CDATA\\[[^]{0,4096}?\\]\\]>|\\s*[^\\s<][^<]*)`, 'gi'),
  // password=value, "password": "value"
  new RegExp(`(?<lead>(?:${WORDS})${REST_OF_NAME}[\\\\"']{0,3}${BLANKS}[=:]${BLANKS})(?:${VALUE})`, 'gi'),
  // --password value
  new RegExp(`(?<lead>(?<![\\w-])--[\\w.-]{0,64}?(?:${WORDS})${REST_OF_NAME}\\s{1,8})(?!-)(?:${VALUE})`, 'gi'),
];

/**
 * Replaces secrets that stand inside a text, such as `password=...` or the password of a URL, by `******`. The rest stays.
 * A second line of defence only: what is known to be a secret is a {@link Secret} and never gets into a text.
 */
export function maskText(text: string): string {
  return PATTERNS.reduce((masked, pattern) => masked.replace(pattern, replaceValue), text);
}

function replaceValue(...match: readonly unknown[]): string {
  const groups = match.at(-1) as Readonly<Record<string, string | undefined>>;
  const part = (name: string): string => groups[name] ?? '';
  const open = part('open1') || part('open2') || part('open3');
  const close = part('close1') || part('close2') || part('close3');
  return `${part('lead')}${open}${MASK}${close}${part('tail')}`;
}
