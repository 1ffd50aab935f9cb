import { checkText, readText, refuse, refuseSecrets, type Field } from './fields.js';
import { asScriptText, brokenRule, WORD_RULES, type ScriptText, type TextRule } from './script-text.js';

/** Longest URL that may stand in a script, in characters. */
const LONGEST_URL = 2000;

const URL_RULES: readonly TextRule[] = [
  ...WORD_RULES,
  { accepts: (text) => text.length <= LONGEST_URL, expected: `a URL of at most ${LONGEST_URL} characters` },
  { accepts: (text) => !text.includes('\\'), expected: 'a URL without a backslash' },
];

/** A name, an IPv4 address, or an IPv6 address in brackets. */
const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$/;

/** What iPXE can fetch from. Source: iPXE, config/general.h (DOWNLOAD_PROTO_*); https needs a build that trusts the certificate. */
const SCRIPT_SCHEMES: readonly string[] = ['http', 'https', 'tftp'];

/**
 * A URL, written anew from its parts, ready for a script. No user name, password or fragment.
 * Throws INVALID_OPTIONS.
 */
export function checkUrl(field: Field, schemes: readonly string[] = SCRIPT_SCHEMES): ScriptText {
  return asScriptText(parse(field, schemes).href);
}

/** A URL as {@link checkUrl}, which comes from a node and so may hold a secret in its query: such ones are refused. */
export function checkPublicUrl(field: Field, schemes: readonly string[] = SCRIPT_SCHEMES): ScriptText {
  refuseSecrets(field, readText(field));
  return checkUrl(field, schemes);
}

/**
 * The address of an API, ready to have a path appended: http or https, without query, and without a slash at its end.
 * Throws INVALID_OPTIONS.
 */
export function checkApiUrl(value: unknown, name = 'apiUrl'): ScriptText {
  const field: Field = { name, value };
  const url = parse(field, ['http', 'https']);
  if (url.search !== '' || url.href.endsWith('?')) throw refuse(field, 'the address of the API without a query, such as http://192.0.2.1:6385');
  return asScriptText(url.href.replace(/\/+$/, ''));
}

function parse(field: Field, schemes: readonly string[]): URL {
  const text = checkText(field, URL_RULES);
  const expected = `a URL of ${schemes.join(', ')}, such as ${schemes[0] ?? 'http'}://192.0.2.1/path`;
  // URL reads http:host and http:///host as http://host; nobody means that.
  if (!/^[a-z]+:\/\/[^/]/i.test(text) || !URL.canParse(text)) throw refuse(field, expected);
  const url = new URL(text);
  // URL decodes percent signs in hosts, so that only what comes out of it tells: http://%24%7Bmac%7D/ has the host ${mac}.
  const isWritten = brokenRule(url.href, URL_RULES) === undefined && HOST.test(url.hostname);
  if (!schemes.includes(url.protocol.slice(0, -1)) || !isWritten) throw refuse(field, expected);
  if (url.username !== '' || url.password !== '') {
    throw refuse(field, 'a URL without user name and password, for anybody on the network of the machine can read its boot script');
  }
  if (url.href.includes('#')) throw refuse(field, 'a URL without a fragment; leave out "#" and what follows');
  return url;
}
