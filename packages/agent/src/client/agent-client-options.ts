import { X509Certificate } from 'node:crypto';
import { invalidOptions, printValue, Secret, systemClock, type Clock, type OptionIssue, type TranscriptSink } from '@ferric/core';

/** How an agent is reached. */
export interface AgentClientOptions {
  /** Its address as its heartbeat gave it, http or https: `https://192.0.2.10:9999`. */
  readonly url: string;
  /** The token that its lookup was given. It goes into every request. */
  readonly token: Secret;
  /**
   * PEM text of the certificate that the agent made: then nothing else is trusted, and the address must stand in the certificate.
   * Default: the authorities that Node.js trusts, with those of NODE_EXTRA_CA_CERTS. Not together with an http address.
   */
  readonly verifyCa?: string | undefined;
  readonly clock?: Clock | undefined;
  /** Told of every request and answer, secrets masked. Default: none. */
  readonly transcript?: TranscriptSink | undefined;
  /** Time for one exchange, unless the call says otherwise. Milliseconds, 100..3600000, default 60000. */
  readonly commandTimeoutMs?: number | undefined;
  /** How often an exchange is tried when the connection fails, with 1 s, 2 s, 4 s... in between. 1..10, default 3. */
  readonly attempts?: number | undefined;
}

/** Options, checked and complete. */
export interface AgentClientSettings {
  readonly url: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** What stands before `/v1` in paths: empty but for an agent behind a proxy. */
  readonly basePath: string;
  /** `192.0.2.10:9999`, for people. */
  readonly address: string;
  readonly token: Secret;
  readonly verifyCa: string | undefined;
  readonly clock: Clock;
  readonly transcript: TranscriptSink | undefined;
  readonly commandTimeoutMs: number;
  readonly attempts: number;
}

/** Checks the options of a client. Throws INVALID_OPTIONS with all that is wrong. */
export function readAgentClientOptions(options: AgentClientOptions): AgentClientSettings {
  const url = URL.parse(options.url);
  const usable = url !== null && isAgentUrl(url);
  const { commandTimeoutMs = 60_000, attempts = 3 } = options;
  const issues: readonly (OptionIssue | undefined)[] = [
    usable ? undefined : issue('url', 'an http or https address without user name, query and fragment, such as https://192.0.2.10:9999', options.url),
    Secret.is(options.token) && isToken(options.token.reveal()) ? undefined : issue('token', 'a Secret of a text that is not empty'),
    certificateIssue(options.verifyCa, url),
    numberIssue('commandTimeoutMs', commandTimeoutMs, 100, 3_600_000),
    numberIssue('attempts', attempts, 1, 10),
  ];
  const found = issues.filter((one) => one !== undefined);
  if (!usable || found.length > 0) throw invalidOptions('Agent client', found);
  return {
    url: options.url,
    origin: url.origin,
    basePath: url.pathname.replace(/\/+$/, ''),
    address: url.host,
    token: options.token,
    verifyCa: options.verifyCa,
    clock: options.clock ?? systemClock,
    transcript: options.transcript,
    commandTimeoutMs,
    attempts,
  };
}

function isAgentUrl(url: URL): boolean {
  return ['http:', 'https:'].includes(url.protocol) && [url.username, url.password, url.search, url.hash].every((part) => part === '');
}

function isToken(token: unknown): boolean {
  return typeof token === 'string' && token !== '';
}

function certificateIssue(pem: string | undefined, url: URL | null): OptionIssue | undefined {
  if (pem === undefined) return undefined;
  if (url?.protocol === 'http:') return issue('verifyCa', 'left out for an http address, which shows no certificate');
  try {
    void new X509Certificate(pem);
    return undefined;
  } catch {
    return issue('verifyCa', 'a certificate in PEM', pem);
  }
}

function numberIssue(field: string, value: number, min: number, max: number): OptionIssue | undefined {
  return Number.isInteger(value) && value >= min && value <= max ? undefined : issue(field, `a whole number from ${min} to ${max}`, value);
}

function issue(field: string, expected: string, received?: unknown): OptionIssue {
  return { field, problem: 'invalid', expected, ...(received === undefined ? {} : { received: printValue(received) }) };
}
