import { delay, errorCode, FerricError, invalidOptions, type OptionIssue, printValue } from '@ferric/core';
import type { TlsSettings } from '@ferric/core/tls';
import { reader, requireAction, requireLink, type Resource, runAction } from '@ferric/redfish';
import type { Connection } from '../connection/connection.js';
import { isUncertain } from '../connection/outages.js';
import type { IloCertificateSubject, IloHttpsCertificate, IloHttpsCertificateReport } from '../ilo-client.js';
import type { RestCall } from '../operations/perform.js';
import { type CertificateText, readCertificateText } from './certificate-text.js';
import { type ControllerParts, isAway, LEAVES_WITHIN_MS, waitForReturn } from './wait-for-return.js';

const FINGERPRINT_TIMEOUT_MS = 60_000;
const LONGEST_PART = 64;

/** What the parts of a name are called by the action. */
const PARAMETERS: Readonly<Record<keyof IloCertificateSubject, string>> = {
  city: 'City', commonName: 'CommonName', country: 'Country', organization: 'OrgName', organizationalUnit: 'OrgUnit', state: 'State',
};

/** Sources: HPE iLO 5 RESTful API, HpeHttpsCert; proliantutils, redfish/resources/manager/https_cert.py. */
export function createHttpsCertificate(parts: ControllerParts): IloHttpsCertificate {
  const { performer: { perform, within }, connection } = parts;
  return {
    read: (options) => perform('https certificate', { rest: async (call) => reportOf(await readResource(call)) }, options),
    fingerprint: (options) => within('the certificate', options, FINGERPRINT_TIMEOUT_MS, ({ signal }) => connection.shownFingerprint(signal)),
    async createRequest(subject, options) {
      checkSubject(subject);
      return perform('https certificate', { rest: (call) => createRequest(call, subject) }, options);
    },
    async import(certificate, options) {
      const next = readCertificateText(certificate, 'certificate', parts.settings.clock.now());
      const progress: Progress = { isOpen: false };
      try {
        return await perform('https certificate', { rest: (call) => importCertificate(parts, call, next, progress) }, options);
      } catch (error) {
        // Also when the time of the whole call is over, which nothing within it hears of in time.
        if (!progress.isOpen || !FerricError.is(error) || options?.signal?.aborted === true) throw error;
        throw undecided(error);
      }
    },
  };
}

async function readResource({ client, options, manager }: RestCall): Promise<Resource> {
  const service = await client.read(requireLink(await manager(), 'SecurityService'), options);
  return client.read(requireLink(service, 'HttpsCert'), options);
}

function reportOf({ body, path }: Resource): IloHttpsCertificateReport {
  const fields = reader(body, path);
  const shown = fields.child('X509CertificateInformation');
  const request = fields.text('CertificateSigningRequest');
  return {
    request: request === undefined ? null : `${request.replaceAll('\r\n', '\n')}\n`,
    subject: shown.text('Subject') ?? null,
    issuer: shown.text('Issuer') ?? null,
    validFrom: shown.text('ValidNotBefore') ?? null,
    validUntil: shown.text('ValidNotAfter') ?? null,
  };
}

async function createRequest(call: RestCall, subject: IloCertificateSubject): Promise<string> {
  const resource = await readResource(call);
  const before = reportOf(resource).request;
  const parameters = Object.entries(subject).map(([part, text]): [string, string] => [PARAMETERS[part as keyof IloCertificateSubject], String(text)]);
  try {
    await runAction(call.client, requireAction(resource, 'GenerateCSR'), Object.fromEntries(parameters), call.options);
  } catch (error) {
    if (call.signal.aborted || !isUncertain(error)) throw error;
  }
  let wasGone = before === null;
  return call.watch(call.pauses.certificateMs, async () => {
    const { request } = reportOf(await readResource(call));
    if (request === null) wasGone = true;
    // Every request is made with a new key, so that no two are alike.
    return request !== null && (wasGone || request !== before) ? request : undefined;
  });
}

/** How far an import has come. */
interface Progress {
  /** It left, and nobody knows yet whether it was made. */
  isOpen: boolean;
}

async function importCertificate(parts: ControllerParts, call: RestCall, next: CertificateText, progress: Progress): Promise<{ fingerprint: string; pinned: boolean }> {
  const { fingerprint } = next;
  const shown = await parts.connection.shownFingerprint(call.signal);
  if (shown !== fingerprint) {
    const lost = await send(parts, call, next, { progress, shown });
    await waitUntilShown(parts, call, fingerprint, lost);
  }
  const pinned = await trustOnly(parts, call, fingerprint);
  progress.isOpen = false;
  return { fingerprint, pinned };
}

/** From here on both certificates are trusted, unless the controller refuses the next one. @returns why nobody knows whether it has taken it */
async function send({ connection }: ControllerParts, call: RestCall, { pem, fingerprint }: CertificateText, { progress, shown }: { progress: Progress; shown: string }): Promise<FerricError | undefined> {
  const action = requireAction(await readResource(call), 'ImportCertificate');
  const former = connection.tls;
  if (judges(former)) await connection.changeTrust({ ...former, fingerprint: [shown, fingerprint] });
  progress.isOpen = true;
  try {
    await runAction(call.client, action, { Certificate: pem }, call.options);
    return undefined;
  } catch (error) {
    if (call.signal.aborted) throw error;
    if (isUncertain(error)) return error;
    progress.isOpen = false;
    await connection.changeTrust(former);
    throw error;
  }
}

/** Waits until the controller is back with its certificate, whatever it says before. @param lost why nobody knows whether it was told: thrown when it does not go away */
async function waitUntilShown(parts: ControllerParts, call: RestCall, fingerprint: string, lost: FerricError | undefined): Promise<void> {
  const { settings: { gate, clock, pauses }, forget } = parts;
  const startedAt = clock.monotonicMs();
  let wasAway = false;
  for (;;) {
    // Failures in a row make a gate leave the controller alone; here they are what is expected.
    gate.reset();
    forget();
    const shown = await shownOrAway(parts, call);
    if (shown === fingerprint) break;
    if (shown === undefined) wasAway = true;
    if (lost !== undefined && !wasAway && clock.monotonicMs() - startedAt >= LEAVES_WITHIN_MS) throw lost;
    await delay(pauses.resetMs, call);
  }
  await waitForReturn(parts, call, { leaves: false, before: call.identity });
}

/** Undefined while nobody answers. */
async function shownOrAway({ connection }: ControllerParts, { signal }: RestCall): Promise<string | undefined> {
  try {
    return await connection.shownFingerprint(signal);
  } catch (error) {
    if (signal.aborted || !isAway(error)) throw error;
    return undefined;
  }
}

/**
 * Trusts the new certificate alone: by its issuer where the client was told so and that is good enough. Several fingerprints are what a change leaves that
 * was not brought to its end: before it there may have been none. @returns whether by its fingerprint
 */
async function trustOnly({ connection, settings: { tls } }: ControllerParts, { signal }: RestCall, fingerprint: string): Promise<boolean> {
  const { fingerprint: former, ...byIssuer } = tls;
  const mayBeByIssuer = former === undefined || (typeof former !== 'string' && former.length > 1 && tls.verify !== false);
  const pinned = !mayBeByIssuer || !(await isTrusted(connection, byIssuer, signal));
  await connection.changeTrust(pinned ? { ...tls, fingerprint } : byIssuer);
  return pinned;
}

async function isTrusted(connection: Connection, tls: TlsSettings, signal: AbortSignal): Promise<boolean> {
  try {
    await connection.shownFingerprint(signal, tls);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'TLS_UNTRUSTED') throw error;
    return false;
  }
}

/** False when every certificate is taken anyway. */
function judges({ verify = true, fingerprint }: TlsSettings): boolean {
  return verify || fingerprint !== undefined;
}

function checkSubject(subject: IloCertificateSubject): void {
  const issues = (Object.keys(PARAMETERS) as (keyof IloCertificateSubject)[]).flatMap((field): OptionIssue[] => {
    const value: unknown = subject[field];
    if (value === undefined) return field === 'organizationalUnit' ? [] : [{ field, problem: 'missing', expected: 'a text' }];
    const isText = typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST_PART;
    if (isText && (field !== 'country' || /^[A-Z]{2}$/.test(value))) return [];
    const expected = field === 'country' ? 'two capital letters' : `a text of 1 to ${LONGEST_PART} characters`;
    return [{ field, problem: 'invalid', expected, received: printValue(value) }];
  });
  if (issues.length > 0) throw invalidOptions('Certificate request of an iLO', issues);
}

function undecided(cause: FerricError): FerricError {
  return new FerricError(cause.code, `It is not known whether the certificate was changed: ${cause.message}`, {
    cause,
    details: { ...cause.details, undecided: true },
    retryable: false,
    hint: 'Trust both certificates until the controller shows one of them.',
  });
}
