import { errorCode, FerricError, type JsonObject, optionIssues, revealSealed, type Step } from '@ferric/core';
import { createCertificateAuthority, createFakeHost, createSelfSignedCertificate, type IssuedCertificate } from '@ferric/core/testing';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createIloBench, startFileServer } from '../../test/ilo-bench.js';
import { createIlo5Driver } from '../index.js';
import { startIlo, type VirtualIlo } from '../simulator/index.js';

const SUBJECT = { City: 'Bonn', CommonName: 'ilo.example.org', Country: 'de', OrgName: 'Lab', State: 'NRW' };
const OLD = 'aa'.repeat(32);
const rejection = (promise: Promise<unknown>): Promise<unknown> => promise.then((value) => expect.fail(`It yielded ${String(value)}`), (reason: unknown) => reason);
const kept = (bench: ReturnType<typeof createIloBench>): readonly unknown[] => bench.kept.map((each) => revealSealed(each));
let next: IssuedCertificate;

beforeAll(async () => {
  next = await createSelfSignedCertificate({ names: ['192.0.2.10'], now: new Date() });
});

describe('create_csr', () => {
  test('has the iLO make a request, which get_csr yields', async () => {
    await using bench = createIloBench('ilo5');
    expect(await bench.call('get_csr')).toEqual({ csr: null, subject: 'CN = ilo', issuer: 'CN = ca', valid_from: null, valid_until: null });
    expect(await bench.run('create_csr', { csr_params: { ...SUBJECT, OrgUnit: 'Racks' } })).toBe('done');
    expect(bench.ilo.asked).toEqual(['httpsCertificate.createRequest ilo.example.org Racks']);
    expect(await bench.call('get_csr')).toMatchObject({ csr: 'REQUEST' });
  });

  test.each<[JsonObject, readonly string[]]>([
    [{}, ['csr_params missing']], [{ csr_params: 'CN=ilo' }, ['csr_params invalid']],
    [{ csr_params: { ...SUBJECT, Country: 'Germany', City: ' ' } }, ['City invalid', 'Country invalid']], [{ csr_params: { City: 'Bonn' } }, ['CommonName missing', 'Country missing', 'OrgName missing', 'State missing']],
  ])('%j is refused before anything is sent', async (args, problems) => {
    await using bench = createIloBench('ilo5');
    expect(optionIssues(await rejection(bench.run('create_csr', args))).map(({ field, problem }) => `${field} ${problem}`)).toEqual(problems);
    expect(bench.ilo.opened).toBe(0);
  });

  test('both steps are skipped by what is older than iLO 5', async () => {
    await using bench = createIloBench('ilo', { ilo_tls_fingerprint: OLD });
    for (const call of ['httpsCertificate.createRequest', 'httpsCertificate.read']) bench.ilo.instead.set(call, async () => Promise.reject(new FerricError('UNSUPPORTED', 'Gen9 has none')));
    expect(await bench.run('create_csr', { csr_params: SUBJECT })).toBe('done');
    expect(await bench.run('add_https_certificate', { cert_file: next.certificate })).toBe('done');
    expect(bench.host.logger.at('warn').map(({ fields }) => fields['step'])).toEqual(['create_csr', 'add_https_certificate']);
    expect(kept(bench)).toEqual([]);
  });
});

describe('add_https_certificate', () => {
  test('writes both fingerprints down before, and the new one afterwards', async () => {
    await using bench = createIloBench('ilo5', { ilo_tls_fingerprint: OLD });
    bench.ilo.instead.set('httpsCertificate.import', async ({ next: proceed }) => {
      expect(kept(bench)).toEqual([{ ilo_tls_fingerprint: `${OLD}, ${next.fingerprint}` }]);
      return proceed();
    });
    expect(await bench.run('add_https_certificate', { cert_file: next.certificate })).toBe('done');
    expect(kept(bench).slice(1)).toEqual([{ ilo_tls_fingerprint: next.fingerprint }]);
  });

  test('leaves no fingerprint over where the issuer is trusted', async () => {
    await using bench = createIloBench('ilo5');
    bench.ilo.certificate.pinned = false;
    await bench.run('add_https_certificate', { cert_file: next.certificate });
    expect(kept(bench)).toEqual([{ ilo_tls_fingerprint: `${OLD}, ${next.fingerprint}` }, { ilo_tls_fingerprint: null }]);
  });

  test('writes nothing down where every certificate is taken', async () => {
    await using bench = createIloBench('ilo5', { ilo_verify_ca: false });
    bench.ilo.certificate.pinned = false;
    await bench.run('add_https_certificate', { cert_file: next.certificate });
    expect([kept(bench), bench.ilo.asked]).toEqual([[], ['httpsCertificate.import']]);
  });

  test.each([
    ['refused', new FerricError('REFUSED', 'another key'), [{ ilo_tls_fingerprint: OLD }]], ['left open', new FerricError('TIMEOUT', 'silence', { details: { undecided: true } }), []],
  ])('one that is %s', async (_what, error, afterwards) => {
    await using bench = createIloBench('ilo5', { ilo_tls_fingerprint: OLD });
    bench.ilo.instead.set('httpsCertificate.import', () => Promise.reject(error));
    expect(errorCode(await rejection(bench.run('add_https_certificate', { cert_file: next.certificate })))).toBe(error.code);
    expect(kept(bench).slice(1)).toEqual(afterwards);
  });

  test('that cannot be written down leaves both, for the iLO shows the new one', async () => {
    await using bench = createIloBench('ilo5', { ilo_tls_fingerprint: OLD });
    const written: unknown[] = [];
    let times = 0;
    const keepDriverInfo = async (changes: object): Promise<void> => {
      times += 1;
      if (times === 2) throw new FerricError('UNREACHABLE', 'The database is away');
      written.push(revealSealed(changes as never));
    };
    const step = bench.open({}, { keepDriverInfo }).steps?.find(({ name }) => name === 'add_https_certificate');
    expect(errorCode(await rejection(step?.run({ cert_file: next.certificate }) ?? Promise.resolve()))).toBe('UNREACHABLE');
    expect([written, bench.ilo.certificate.fingerprint]).toEqual([[{ ilo_tls_fingerprint: `${OLD}, ${next.fingerprint}` }], next.fingerprint]);
  });

  test.each([
    ['pinned', { ilo_tls_fingerprint: OLD }, true], ['trusted by its issuer, and pinned from the first one on', {}, true], ['trusted by its issuer', {}, false],
  ] as const)('a second one that is refused brings back how the first one was trusted: %s', async (_what, fields, pinned) => {
    await using bench = createIloBench('ilo5', fields);
    bench.ilo.certificate.pinned = pinned;
    await bench.run('add_https_certificate', { cert_file: next.certificate });
    bench.ilo.instead.set('httpsCertificate.import', () => Promise.reject(new FerricError('REFUSED', 'another key')));
    const other = await createSelfSignedCertificate({ names: ['192.0.2.11'], now: new Date() });
    expect(errorCode(await rejection(bench.run('add_https_certificate', { cert_file: other.certificate })))).toBe('REFUSED');
    expect(kept(bench).at(-1)).toEqual({ ilo_tls_fingerprint: pinned ? next.fingerprint : null });
  });

  test('whoever connects anew in the same device trusts the new one, and devices to come share its session', async () => {
    await using bench = createIloBench('ilo5', { ilo_tls_fingerprint: OLD });
    await bench.run('add_https_certificate', { cert_file: next.certificate });
    await bench.open({ ilo_tls_fingerprint: next.fingerprint }).power.read();
    expect(bench.ilo.opened).toBe(1);
    bench.ilo.password = 'second';
    expect(await bench.run('reset_ilo_credential', { ilo_password: 'second' })).toBe('done');
    await bench.device.power.read();
    expect(bench.ilo.settings.map(({ tls }) => tls?.fingerprint)).toEqual([OLD, next.fingerprint, next.fingerprint]);
  });

  test('one of which nobody knows leaves whoever connects anew trusting both', async () => {
    await using bench = createIloBench('ilo5', { ilo_tls_fingerprint: OLD });
    bench.ilo.instead.set('httpsCertificate.import', () => Promise.reject(new FerricError('TIMEOUT', 'silence', { details: { undecided: true } })));
    await rejection(bench.run('add_https_certificate', { cert_file: next.certificate }));
    bench.ilo.password = 'second';
    await bench.run('reset_ilo_credential', { ilo_password: 'second' });
    expect(bench.ilo.settings.at(-1)?.tls?.fingerprint).toEqual([OLD, next.fingerprint]);
  });

  test('takes an address, too', async () => {
    await using server = await startFileServer(Buffer.from(next.certificate));
    await using bench = createIloBench('ilo5', { ilo_tls_fingerprint: OLD });
    expect(await bench.run('add_https_certificate', { cert_file: server.url.href })).toBe('done');
    expect(bench.ilo.certificate.fingerprint).toBe(next.fingerprint);
    expect(errorCode(await rejection(bench.run('add_https_certificate', { cert_file: new URL('/none', server.url).href })))).toBe('NOT_FOUND');
  });

  test('what is at an address and no certificate, or far too long, changes nothing', async () => {
    await using page = await startFileServer(Buffer.from('<html>'));
    await using flood = await startFileServer(Buffer.alloc(70_000, 65));
    await using bench = createIloBench('ilo5', { ilo_tls_fingerprint: OLD });
    expect(errorCode(await rejection(bench.run('add_https_certificate', { cert_file: page.url.href })))).toBe('INVALID_OPTIONS');
    expect(errorCode(await rejection(bench.run('add_https_certificate', { cert_file: flood.url.href })))).toBe('REFUSED');
    expect([kept(bench), bench.ilo.asked]).toEqual([[], []]);
  });

  test.each<JsonObject>([{}, { cert_file: 5 }, { cert_file: '/etc/passwd' }, { cert_file: 'file:///etc/passwd' }, { cert_file: 'https://operator:planted@192.0.2.1/a.pem' }, { cert_file: '-----BEGIN PRIVATE KEY-----\nplanted' }])('%j is refused before anything is sent', async (args) => {
    await using bench = createIloBench('ilo5', { ilo_tls_fingerprint: OLD });
    const error = await rejection(bench.run('add_https_certificate', args));
    expect(optionIssues(error).map(({ field }) => field)).toEqual(['cert_file']);
    expect([bench.ilo.opened, JSON.stringify(error).includes('planted')]).toEqual([0, false]);
  });

  test('changes nothing where nobody remembers', async () => {
    await using bench = createIloBench('ilo5', { ilo_tls_fingerprint: OLD });
    const step = bench.open({}, {}).steps?.find(({ name }) => name === 'add_https_certificate');
    expect(errorCode(await rejection(step?.run({ cert_file: next.certificate }) ?? Promise.resolve()))).toBe('CONFLICT');
    expect(bench.ilo.asked).toEqual([]);
  });
});

describe('on an iLO', () => {
  /** A machine whose driver_info is kept as a conductor does it. */
  async function start(): Promise<{ ilo: VirtualIlo; info: Record<string, unknown>; run(name: string, args: JsonObject, keeps?: number): Promise<unknown>; call(name: string): Promise<JsonObject> }> {
    const ilo = await startIlo({ generation: 'gen10' });
    onTestFinished(() => ilo[Symbol.asyncDispose]());
    const info: Record<string, unknown> = { ilo_address: ilo.host, client_port: ilo.port, ilo_username: ilo.username, ilo_password: ilo.password, ilo_tls_fingerprint: ilo.fingerprint };
    const driver = (): ReturnType<typeof createIlo5Driver> => createIlo5Driver({ logger: createFakeHost().logger, pauses: { retryMs: 20, resetMs: 20, certificateMs: 20, powerMs: 20 } });
    return {
      ilo,
      info,
      async run(name, args, keeps = Infinity) {
        let left = keeps;
        await using own = driver();
        const keepDriverInfo = async (changes: Readonly<Record<string, unknown>>): Promise<void> => {
          if (left === 0) throw new Error('killed');
          left -= 1;
          Object.assign(info, changes);
        };
        const step = own.open(own.driverInfo.parse(info), { keepDriverInfo }).steps?.find((each) => each.name === name) as Step;
        return await step.run(args);
      },
      async call(name) {
        await using own = driver();
        const method = own.open(own.driverInfo.parse(info)).vendor?.methods[name];
        return (await method?.call(method.arguments.parse({}))) as JsonObject;
      },
    };
  }

  test('a request leads to a certificate, and driver_info follows', async () => {
    const machine = await start();
    const authority = await createCertificateAuthority(new Date());
    await machine.run('create_csr', { csr_params: SUBJECT });
    const { csr } = await machine.call('get_csr');
    const { certificate, fingerprint } = authority.issue(String(csr), { names: ['127.0.0.1'] });
    await machine.run('add_https_certificate', { cert_file: certificate });
    expect([machine.info['ilo_tls_fingerprint'], machine.ilo.fingerprint]).toEqual([fingerprint, fingerprint]);
    expect(await machine.call('get_csr')).toMatchObject({ csr: null, issuer: 'CN=Test authority' });
  });

  test('whoever is killed before the end can reach it all the same, and run again', async () => {
    const machine = await start();
    const former = machine.ilo.fingerprint;
    const authority = await createCertificateAuthority(new Date());
    await machine.run('create_csr', { csr_params: SUBJECT });
    const { certificate, fingerprint } = authority.issue(String((await machine.call('get_csr'))['csr']), { names: ['127.0.0.1'] });
    expect(await rejection(machine.run('add_https_certificate', { cert_file: certificate }, 1))).toMatchObject({ message: 'killed' });
    expect([machine.info['ilo_tls_fingerprint'], machine.ilo.fingerprint]).toEqual([`${former}, ${fingerprint}`, fingerprint]);
    expect(await machine.call('get_csr')).toMatchObject({ issuer: 'CN=Test authority' });
    await machine.run('add_https_certificate', { cert_file: certificate });
    expect([machine.info['ilo_tls_fingerprint'], machine.ilo.activity.operations['configure ilo']]).toEqual([fingerprint, 2]);
  });
});
