import { isSecretKey, MASK, maskSealed, maskText, Secret, sealSecrets, type JsonValue, type Sealed } from '@ferric/core';

/** Besides the usual names: the value of an Authorization header, as images of servers with a login are fetched with. */
export function isAgentSecretKey(key: string): boolean {
  return isSecretKey(key) || key.toLowerCase() === 'image_request_authorization';
}

/** A document of the agent as others may see it. */
export function maskDocument(document: JsonValue): JsonValue {
  return maskSealed(sealSecrets(document, isAgentSecretKey), isAgentSecretKey);
}

/** The secrets that a client has sent: an agent repeats its commands in answers, and what answers in its place repeats anything. */
export interface KnownSecrets {
  /** Remembers the secrets of a command. Bounded: the oldest are forgotten, the token never. */
  remember(parameters: Sealed): void;
  /** The text without any of them, cut after `longest` characters. */
  mask(text: string, longest?: number): string;
}

const MOST_SECRETS = 64;
/** Shorter ones would tear holes into texts that have nothing to do with them. */
const SHORTEST = 4;
const AUTHORIZATION = /("image_request_authorization"\s{0,8}:\s{0,8}")[^"]*/gi;

export function createKnownSecrets(token: Secret): KnownSecrets {
  const tokenForms = writtenForms(token.reveal());
  const forms = new Set<string>();
  return {
    remember(parameters) {
      for (const text of secretTexts(parameters).flatMap(writtenForms)) {
        forms.delete(text);
        forms.add(text);
      }
      for (const oldest of forms) {
        if (forms.size <= MOST_SECRETS) break;
        forms.delete(oldest);
      }
    },
    mask(text, longest = Infinity) {
      // The longest first: one secret may be the beginning of another.
      const known = [...tokenForms, ...forms].toSorted((a, b) => b.length - a.length);
      const withoutKnown = known.reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
      // Cut only now, so that no secret is cut in two and then not known any more.
      const shown = withoutKnown.replace(AUTHORIZATION, `$1${MASK}`);
      return shown.length > longest ? `${maskText(shown.slice(0, longest))}... (${shown.length} characters)` : maskText(shown);
    },
  };
}

/** As it is, as JSON writes it, as a URL writes it. */
function writtenForms(text: string): readonly string[] {
  if (text.length < SHORTEST) return [];
  return [...new Set([text, JSON.stringify(text).slice(1, -1), encodeURIComponent(text)])];
}

function secretTexts(value: Sealed, secret = false): readonly string[] {
  if (Secret.is(value)) return secretTexts(value.reveal(), true);
  if (typeof value === 'string') return secret ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((inner: Sealed) => secretTexts(inner, secret));
}
