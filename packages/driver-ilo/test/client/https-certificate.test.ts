import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCode, type JsonObject, optionIssues } from '@ferric/core';
import { type CertificateAuthority, createCertificateAuthority, createFakeClock, createSelfSignedCertificate } from '@ferric/core/testing';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { IloCertificateSubject } from '../../src/client/index.js';
import type { VirtualIlo } from '../../src/simulator/index.js';
import { clientOf, failure, passTime, startBench } from './bench.js';
import { answer, answerEdited, meddle } from './meddle.js';

const SUBJECT: IloCertificateSubject = { commonName: 'ilo.example.org', organization: 'Lab', city: 'Bonn', state: 'NRW', country: 'DE' };
const IMPORT = /ImportCertificate/;
let authority: CertificateAuthority;

beforeAll(async () => {
  authority = await createCertificateAuthority(new Date());
});

const issue = (request: string): { certificate: string; fingerprint: string } => authority.issue(request, { names: ['127.0.0.1'] });
const isImport = ({ method, url }: { method?: string | undefined; url?: string | undefined }): boolean => method === 'POST' && IMPORT.test(url ?? '');

async function fileWith(...certificates: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ferric-ilo-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'authorities.pem');
  await writeFile(path, certificates.join(''));
  return path;
}

describe.each(['gen10', 'gen11'] as const)('%s', (generation) => {
  test('makes a request, takes what was issued for it, and is found again by its new certificate', async () => {
    const { ilo, client } = await startBench({ generation, certificateRequestMs: 200 });
    const former = ilo.fingerprint;
    expect(await client.httpsCertificate.read()).toMatchObject({ request: null, subject: expect.stringContaining('CN=ILO') as string });
    const request = await client.httpsCertificate.createRequest({ ...SUBJECT, organizationalUnit: 'Racks' });
    expect((await client.httpsCertificate.read()).request).toBe(request);
    const { certificate, fingerprint } = issue(request);
    expect(new X509Certificate(certificate).subject.split('\n')).toEqual(['C=DE', 'ST=NRW', 'L=Bonn', 'O=Lab', 'OU=Racks', 'CN=ilo.example.org']);
    expect(await client.httpsCertificate.import(certificate)).toEqual({ fingerprint, pinned: true });
    expect([await client.httpsCertificate.fingerprint(), fingerprint === former]).toEqual([fingerprint, false]);
    expect((await client.httpsCertificate.read()).issuer).toBe('CN=Test authority');
    // A client of its own: the former certificate is shown to nobody any more, and the former client takes nothing else.
    expect((await failure(clientOf(ilo, { tls: { fingerprint: former } }).power.read())).code).toBe('TLS_UNTRUSTED');
    expect((await clientOf(ilo, { tls: { fingerprint } }).power.read()).state).toBe('power off');
    expect(ilo.activity.openSessions).toBeLessThanOrEqual(2);
  });

  test('the certificate that it shows already is not sent', async () => {
    const { ilo, client } = await startBench({ generation });
    expect(await client.httpsCertificate.import(ilo.certificate)).toEqual({ fingerprint: ilo.fingerprint, pinned: true });
    expect(ilo.activity.operations).toEqual({});
  });
});

describe('a request', () => {
  test('that was there before is not taken for the new one', async () => {
    const { client } = await startBench({ generation: 'gen10', certificateRequestMs: 100 });
    const first = await client.httpsCertificate.createRequest(SUBJECT);
    const second = await client.httpsCertificate.createRequest(SUBJECT);
    expect(second).not.toBe(first);
  });

  test('that the controller goes on to show for a while is not taken for the new one either', async () => {
    const { client } = await startBench({ generation: 'gen10' });
    const first = await client.httpsCertificate.createRequest(SUBJECT);
    let looks = 0;
    meddle(({ method, url }, response) => {
      if (method !== 'GET' || !/HttpsCert/.test(url ?? '')) return false;
      looks += 1;
      return looks > 6 ? false : answerEdited(response, (text) => JSON.stringify({ ...(JSON.parse(text) as object), CertificateSigningRequest: first }));
    });
    expect(await client.httpsCertificate.createRequest(SUBJECT)).not.toBe(first);
    expect(looks).toBe(7);
  });

  test('whose answer gets lost is waited for, and not sent again', async () => {
    const { ilo, client } = await startBench({ generation: 'gen10' });
    meddle(({ method, url, socket }, response) => {
      if (method === 'POST' && /GenerateCSR/.test(url ?? '')) response.writeHead = (() => socket.destroy()) as never;
      return false;
    });
    expect(await client.httpsCertificate.createRequest(SUBJECT)).toContain('BEGIN CERTIFICATE REQUEST');
    expect(ilo.activity.operations).toEqual({ 'configure ilo': 1 });
  });

  test('names every part that cannot be used, before anything is sent', async () => {
    const { ilo, client } = await startBench({ generation: 'gen10' });
    const wrong = { ...SUBJECT, city: '', country: 'Germany', organizationalUnit: 'x'.repeat(65), state: undefined } as unknown as IloCertificateSubject;
    expect(optionIssues(await failure(client.httpsCertificate.createRequest(wrong))).map(({ field, problem }) => `${field} ${problem}`)).toEqual([
      'city invalid', 'country invalid', 'organizationalUnit invalid', 'state missing',
    ]);
    expect(ilo.activity.requests).toBe(0);
  });
});

describe('a certificate', () => {
  test('for another key is refused, and everything is as it was', async () => {
    const { ilo, client } = await startBench({ generation: 'gen10' });
    const before = ilo.fingerprint;
    await client.httpsCertificate.createRequest(SUBJECT);
    const { certificate } = await createSelfSignedCertificate({ names: ['127.0.0.1'], now: new Date(), key: 'RSA 2048, SHA-256' });
    const error = await failure(client.httpsCertificate.import(certificate));
    expect([error.code, error.details['undecided'], (error.details as JsonObject)['messageId']]).toEqual(['REFUSED', undefined, 'iLO.2.14.ImportCertificateFailed']);
    expect([(await client.power.read()).state, await client.httpsCertificate.fingerprint()]).toEqual(['power off', before]);
  });

  test.each([
    ['nothing', ''], ['no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'], ['a key', '-----BEGIN PRIVATE KEY-----\nplanted\n-----END PRIVATE KEY-----'],
  ])('%s is refused here, and not shown', async (_name, text) => {
    const { ilo, client } = await startBench({ generation: 'gen10' });
    const error = await failure(client.httpsCertificate.import(text));
    expect([optionIssues(error).map(({ field }) => field), JSON.stringify(error).includes('planted'), ilo.activity.requests]).toEqual([['certificate'], false, 0]);
  });

  test('that has expired is refused here', async () => {
    const { ilo, client } = await startBench({ generation: 'gen10' });
    const { certificate } = await createSelfSignedCertificate({ names: ['127.0.0.1'], now: new Date('2020-01-01') });
    expect(optionIssues(await failure(client.httpsCertificate.import(certificate)))).toMatchObject([{ expected: 'a certificate in PEM form that has not expired' }]);
    expect(ilo.activity.requests).toBe(0);
  });

  test('goes with its chain around it: the first is sent', async () => {
    const { ilo, client } = await startBench({ generation: 'gen10' });
    const { certificate, fingerprint } = issue(await client.httpsCertificate.createRequest(SUBJECT));
    await client.httpsCertificate.import(`subject=ilo\r\n${certificate.replaceAll('\n', '\r\n')}${authority.certificate}`);
    expect(ilo.fingerprint).toBe(fingerprint);
  });
});

describe('trust', () => {
  async function importWith(tls: (ilo: VirtualIlo) => Promise<object>): Promise<{ pinned: boolean; again: string | undefined; ilo: VirtualIlo }> {
    const { ilo, client: first } = await startBench({ generation: 'gen10' });
    const { certificate } = issue(await first.httpsCertificate.createRequest(SUBJECT));
    const settings = { tls: await tls(ilo) };
    const client = clientOf(ilo, settings);
    const { pinned } = await client.httpsCertificate.import(certificate);
    expect((await client.power.read()).state).toBe('power off');
    const again = await clientOf(ilo, settings).power.read().then(() => 'trusted', (error: unknown) => errorCode(error));
    return { pinned, again, ilo };
  }

  test('by the issuers of both certificates needs no fingerprint', async () => {
    expect(await importWith(async (ilo) => ({ authorities: await fileWith(ilo.certificate, authority.certificate) }))).toMatchObject({ pinned: false, again: 'trusted' });
  });

  test('by the former issuer only goes on by the fingerprint', async () => {
    expect(await importWith(async (ilo) => ({ authorities: await fileWith(ilo.certificate) }))).toMatchObject({ pinned: true, again: 'TLS_UNTRUSTED' });
  });

  test('by both fingerprints, left by a crash, goes on by the issuer alone where that is trusted', async () => {
    const both = async (ilo: VirtualIlo, more: object): Promise<object> => ({ fingerprint: [ilo.fingerprint, 'bb'.repeat(32)], ...more });
    expect((await importWith(async (ilo) => both(ilo, { authorities: await fileWith(ilo.certificate, authority.certificate) }))).pinned).toBe(false);
    expect((await importWith(async (ilo) => both(ilo, { authorities: await fileWith(ilo.certificate) }))).pinned).toBe(true);
    expect((await importWith(async (ilo) => both(ilo, { verify: false }))).pinned).toBe(true);
    const one = async (ilo: VirtualIlo): Promise<object> => ({ fingerprint: ilo.fingerprint, authorities: await fileWith(ilo.certificate, authority.certificate) });
    expect((await importWith(one)).pinned).toBe(true);
  });

  test('counts for the discovery data, too', async () => {
    const { client } = await startBench({ generation: 'gen10' });
    await client.httpsCertificate.import(issue(await client.httpsCertificate.createRequest(SUBJECT)).certificate);
    client.forget();
    meddle((request, response) => request.url !== '/xmldata?item=all' && answer(request, response, 404, '{}'));
    expect((await failure(client.identify({ timeoutMs: 500 }))).code).not.toBe('TLS_UNTRUSTED');
  });

  test('in everybody needs none', async () => {
    expect(await importWith(async () => ({ verify: false }))).toMatchObject({ pinned: false, again: 'trusted' });
  });
});

describe('an answer that gets lost', () => {
  test('of an import that was made: the controller is found again', async () => {
    const { ilo, client } = await startBench({ generation: 'gen10' });
    const { certificate, fingerprint } = issue(await client.httpsCertificate.createRequest(SUBJECT));
    meddle((request, response) => {
      if (isImport(request)) response.writeHead = (() => request.socket.destroy()) as never;
      return false;
    });
    expect(await client.httpsCertificate.import(certificate)).toEqual({ fingerprint, pinned: true });
    expect(ilo.activity.operations['configure ilo']).toBe(2);
  });

  // An iLO that has taken a certificate starts anew within half a minute: without a deadline before that, it is found out that it does not.
  test.each([
    ['by the deadline', { timeoutMs: 20_000 }, 'TIMEOUT'], ['when the iLO stays as it is', {}, 'UNREACHABLE'],
  ])('of one of which nobody knows leaves it open, and both certificates trusted: %s', async (_end, options, code) => {
    const clock = createFakeClock();
    const { ilo, client } = await startBench({ generation: 'gen10', clock }, { clock });
    const { certificate, fingerprint } = issue(await passTime(clock, client.httpsCertificate.createRequest(SUBJECT)));
    const asked = Promise.withResolvers<void>();
    const meddling = meddle((request) => {
      if (!isImport(request)) return false;
      asked.resolve();
      request.socket.destroy();
      return true;
    });
    const importing = failure(client.httpsCertificate.import(certificate, options));
    await asked.promise;
    const error = await passTime(clock, importing);
    expect([error.code, error.retryable, error.details['undecided']]).toEqual([code, false, true]);
    meddling[Symbol.dispose]();
    expect((await passTime(clock, client.power.read())).state).toBe('power off');
    expect(await passTime(clock, client.httpsCertificate.import(certificate))).toEqual({ fingerprint, pinned: true });
    expect(ilo.activity.operations).toEqual({ 'configure ilo': 2 });
  });
});

test('an iLO 4 has none to change', async () => {
  const { client } = await startBench({ generation: 'gen9' });
  const error = await failure(client.httpsCertificate.createRequest(SUBJECT));
  expect([error.code, error.hint]).toEqual(['UNSUPPORTED', expect.stringContaining('iLO 5 and later have it.')]);
});

test('an answer without the request does not end the waiting', async () => {
  const { client } = await startBench({ generation: 'gen10' });
  let looks = 0;
  meddle((request, response) => {
    if (request.method !== 'GET' || !/HttpsCert/.test(request.url ?? '')) return false;
    looks += 1;
    if (looks === 2) return answer(request, response, 503, '{}');
    if (looks === 3) return answerEdited(response, (text) => text.replace(/"CertificateSigningRequest":"[^"]*"/, '"CertificateSigningRequest":null'));
    return false;
  });
  expect(await client.httpsCertificate.createRequest(SUBJECT)).toContain('BEGIN CERTIFICATE REQUEST');
  expect(looks).toBeGreaterThanOrEqual(4);
});
