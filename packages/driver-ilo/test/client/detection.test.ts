import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { FerricError, Secret } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { inlineResource, type ServiceRoot } from '@ferric/redfish';
import { createIloClient } from '../../src/client/create-ilo-client.js';
import { detect, type Probes } from '../../src/client/detection/detect.js';
import { parseDiscoveryData } from '../../src/client/discovery/index.js';
import { clientOf, failure, startBench } from './bench.js';
import { answer, meddle } from './meddle.js';

const ABSENT = new FerricError('UNSUPPORTED', 'There is no such thing');
const root = (oem: object): ServiceRoot => ({ ...inlineResource('/redfish/v1/', { Oem: oem as never }), style: 'redfish' });
const hpe = (type: string, version: string): ServiceRoot => root({ Hpe: { Manager: [{ ManagerType: type, ManagerFirmwareVersion: version }] } });
const iloFour = root({ Hp: { Manager: [{ ManagerType: 'iLO 4', ManagerFirmwareVersion: '2.55' }] } });

/** What a controller says to each question; what is left out is not there. */
interface Says {
  readonly redfish?: ServiceRoot | FerricError;
  readonly ris?: ServiceRoot | FerricError;
  readonly discovery?: string | FerricError;
  readonly ribcl?: string | FerricError;
}

function probesOf(says: Says, asked: string[]): Probes {
  const tell = async <T>(name: keyof Says, value: T | FerricError | undefined): Promise<T> => {
    asked.push(name);
    if (value === undefined) throw ABSENT;
    if (FerricError.is(value)) throw value;
    return value;
  };
  return {
    address: '192.0.2.10:443',
    rest: (name) => ({ root: () => tell(name, says[name]) }),
    discovery: async () => parseDiscoveryData(await tell('discovery', says.discovery)),
    firmwareVersion: async () => ({ version: '1.51', date: null, managementProcessor: await tell('ribcl', says.ribcl), licenceType: null }),
  };
}

const RIMP = '<?xml version="1.0"?><RIMP><HSI><SPN>ProLiant DL380p Gen8</SPN></HSI><MP><PN>Integrated Lights-Out 4 (iLO 4)</PN><FWRI>1.51</FWRI></MP></RIMP>';

describe('detection by probes', () => {
  const rows: readonly (readonly [string, Says, object, readonly string[]])[] = [
    ['iLO 5', { redfish: hpe('iLO 5', '1.10') }, { ilo: 5, firmwareVersion: '1.10', backEnds: ['redfish', 'ribcl'] }, ['redfish']],
    ['iLO 6', { redfish: hpe('iLO 6', '1.53') }, { ilo: 6, backEnds: ['redfish'] }, ['redfish']],
    ['iLO 7', { redfish: hpe('iLO 7', '1.10') }, { ilo: 7, backEnds: ['redfish'] }, ['redfish']],
    ['iLO 4 with both', { redfish: iloFour, ris: iloFour }, { ilo: 4, backEnds: ['ris', 'ribcl'] }, ['redfish', 'ris']],
    ['iLO 4 with Redfish only', { redfish: iloFour }, { ilo: 4, backEnds: ['redfish', 'ribcl'] }, ['redfish', 'ris']],
    ['iLO 4 with RIS only', { ris: iloFour }, { ilo: 4, backEnds: ['ris', 'ribcl'] }, ['redfish', 'ris']],
    ['iLO 4 with RIBCL only', { discovery: RIMP }, { ilo: 4, firmwareVersion: '1.51', backEnds: ['ribcl'] }, ['redfish', 'ris', 'discovery']],
    ['discovery switched off', { ribcl: 'iLO4' }, { ilo: 4, backEnds: ['ribcl'] }, ['redfish', 'ris', 'discovery', 'ribcl']],
    ['iLO 3', { ribcl: 'iLO3' }, { ilo: 3, backEnds: ['ribcl'] }, ['redfish', 'ris', 'discovery', 'ribcl']],
  ];

  test.each(rows)('%s', async (_name, says, expected, order) => {
    const asked: string[] = [];
    expect((await detect(probesOf(says, asked), {})).identity).toMatchObject(expected);
    expect(asked).toEqual(order);
  });

  test.each(['UNREACHABLE', 'TIMEOUT', 'AUTH_FAILED', 'TLS_UNTRUSTED', 'BUSY', 'PROTOCOL_FAULT'] as const)('%s is no absence', async (code) => {
    const error = new FerricError(code, 'No answer that says anything');
    for (const name of ['redfish', 'ris', 'discovery', 'ribcl'] as const) {
      expect(await failure(detect(probesOf({ [name]: error }, []), {}))).toBe(error);
    }
  });

  const NEW_RIMP = (ilo: number, version: string): string => `<?xml version="1.0"?><RIMP><HSI/><MP><PN>Integrated Lights-Out ${ilo} (iLO ${ilo})</PN><FWRI>${version}</FWRI></MP></RIMP>`;

  test.each([5, 6, 7])('an iLO %i without Redfish is starting', async (ilo) => {
    for (const says of [{ discovery: NEW_RIMP(ilo, '1.10') }, { ribcl: `iLO${ilo}` }]) {
      expect(await failure(detect(probesOf(says, []), {}))).toMatchObject({ code: 'BUSY', retryable: true, details: { ilo } });
    }
  });

  test.each([
    ['iLO 3', { ribcl: 'iLO3' }, true],
    ['iLO 4 from before RIS', { discovery: RIMP }, true],
    ['iLO 4 that has RIS and does not show it', { discovery: NEW_RIMP(4, '2.55') }, false],
    ['iLO 4 that shows Redfish only', { redfish: iloFour }, false],
    ['iLO 4 that shows RIS', { ris: iloFour }, true],
  ] as const)('%s: whether it stays so is %s', async (_name, says, isConclusive) => {
    expect((await detect(probesOf(says, []), {})).isConclusive).toBe(isConclusive);
  });

  test('what is no iLO is told so', async () => {
    expect(await failure(detect(probesOf({}, []), {}))).toMatchObject({ code: 'UNSUPPORTED' });
    const other = await failure(detect(probesOf({ redfish: root({ Contoso: {} }) }, []), {}));
    // Another vendor's Redfish is no reason to look for RIBCL.
    expect(other.message).toContain('no iLO');
  });
});

describe('of one client', () => {
  test('is remembered until the iLO was reset', async () => {
    const { ilo, client } = await startBench({ generation: 'gen10' });
    await client.identify();
    const asked = ilo.activity.requests;
    await client.identify();
    expect(ilo.activity.requests).toBe(asked);
    client.forget();
    await client.identify();
    expect(ilo.activity.requests).toBeGreaterThan(asked);
  });

  test.each(['gen10', 'gen11'] as const)('%s: an answer from a time in which it was starting is not kept', async (generation) => {
    const { client } = await startBench({ generation });
    {
      using _starting = meddle((request, response) => /^\/(?:redfish|rest)/.test(request.url ?? '') && answer(request, response, 404));
      expect(await failure(client.power.read())).toMatchObject({ code: 'BUSY', retryable: true });
    }
    expect(await client.power.read()).toMatchObject({ postState: 'PowerOff' });
    expect((await client.bios.read()).length).toBeGreaterThan(0);
  });

  test('gen9: what it does not show while it is starting is looked for again', async () => {
    const clock = createFakeClock();
    const { client } = await startBench({ generation: 'gen9' }, { clock });
    {
      using _starting = meddle((request, response) => /^\/(?:redfish|rest)/.test(request.url ?? '') && answer(request, response, 404));
      expect((await client.identify()).backEnds).toEqual(['ribcl']);
    }
    expect((await client.identify()).backEnds).toEqual(['ribcl']);
    await clock.advance(60_000);
    expect((await client.identify()).backEnds).toEqual(['ris', 'ribcl']);
  });

  test('asks iLO 4 with new firmware by RIS, and what that does not have by RIBCL', async () => {
    const { ilo, client } = await startBench({ generation: 'gen8', firmwareVersion: '2.55', bootModes: 'both' });
    expect((await client.identify()).backEnds).toEqual(['ris', 'ribcl']);
    expect(await client.power.read()).toMatchObject({ postState: 'PowerOff' });
    await client.bootMode.set('bios');
    expect((await client.bootMode.read()).pending).toBe('bios');
    expect((await failure(client.bios.read())).code).toBe('UNSUPPORTED');
    expect(ilo.activity.operations).toEqual({ 'set boot mode': 1 });
  });

  test('works where RIBCL and discovery are switched off', async () => {
    const { client } = await startBench({ generation: 'gen10', behaviour: { ribcl: false, xmldata: false } });
    expect(await client.power.set('power on')).toMatchObject({ status: 'done' });
    await client.controller.reset();
    expect((await client.power.read()).state).toBe('power on');
  });

  test('names operation and generation of what is not offered', async () => {
    const calls = {
      gen8: ['secureBoot', 'nmi', 'bios', 'raid', 'security', 'httpBoot', 'certificates'],
      gen9: ['raid', 'security', 'certificates'],
      gen11: ['raid'],
    } as const;
    for (const generation of ['gen8', 'gen9', 'gen11'] as const) {
      const { client } = await startBench({ generation });
      const all = {
        secureBoot: () => client.secureBoot.read(), nmi: () => client.nmi.inject(), bios: () => client.bios.read(), raid: () => client.raid.read(), security: () => client.security.read(),
        httpBoot: () => client.httpBoot.read(), certificates: () => client.certificates.read(),
      };
      for (const name of calls[generation]) {
        const error = await failure(all[name]());
        expect(error, name).toMatchObject({ code: 'UNSUPPORTED', retryable: false });
        expect(error.message, name).toMatch(/^The iLO \d \(Gen[^)]+\) at 127\.0\.0\.1:\d+ does not offer /);
        expect(error.details, name).toMatchObject({ ilo: generation === 'gen11' ? 6 : 4, operation: expect.any(String) as string });
      }
      expect(await client.secureErase.isOffered()).toBe(generation === 'gen11');
    }
  });
});

describe('settings', () => {
  test('all that is wrong is named, and no password', () => {
    const make = (): unknown => createIloClient({ host: 'a b', port: 0, username: '', password: 'clear-text' as never, pauses: { powerMs: 0 } });
    expect(make).toThrow(/host must be.*port must be.*username.*password must be a Secret.*pauses\.powerMs/s);
    expect(make).not.toThrow(/clear-text/);
  });

  test('an iLO that speaks old TLS is found with the profile auto, and told once', async () => {
    const told: string[] = [];
    const { ilo } = await startBench({ generation: 'gen9', tls: 'legacy' });
    const client = clientOf(ilo, { tls: { fingerprint: ilo.fingerprint, profile: 'auto' }, onLegacyTls: ({ protocol }) => told.push(protocol) });
    expect((await client.power.read()).state).toBe('power off');
    await client.bootMode.read();
    await client.firmware.read();
    expect(told).toEqual(['TLSv1']);
    const modern = await failure(clientOf(ilo).power.read());
    expect(modern.code).toBe('UNSUPPORTED');
    expect(modern.hint).toContain('legacy');
  });

  test('a certificate that is not the pinned one ends it before the password is sent', async () => {
    const { ilo } = await startBench({ generation: 'gen8' });
    const error = await failure(clientOf(ilo, { tls: { fingerprint: '00'.repeat(32), profile: 'auto' } }).power.read());
    expect(error.code).toBe('TLS_UNTRUSTED');
    expect(ilo.activity.authenticationAttempts).toBe(0);
  });

  test('secrets are in no frame of the transcript', async () => {
    for (const generation of ['gen8', 'gen9', 'gen10'] as const) {
      const frames: string[] = [];
      const { ilo } = await startBench({ generation });
      const client = clientOf(ilo, { transcript: { record: ({ payload, label }) => frames.push(`${label} ${String(payload)}`) } });
      const password = new Secret('an0ther-Passw0rd');
      await client.accounts.changePassword(password);
      await client.licence.activate(new Secret('ABCDE-FGHIJ-KLMNO-PQRST-UVWXY'));
      expect(frames.length).toBeGreaterThan(2);
      for (const secret of [ilo.password, password.reveal(), 'ABCDE-FGHIJ']) expect(frames.join('\n')).not.toContain(secret);
    }
  });

  // What a controller may send back: what it was sent, or what it keeps, in an answer that is broken.
  const broken: readonly (readonly [what: string, status: number, body: (secret: string) => string])[] = [
    ['a value without an end', 200, (secret) => `<?xml version="1.0"?>\r\n<RIBCL VERSION="2.22"><GET_ALL_LICENSES><LICENSE><LICENSE_KEY VALUE="${secret}`],
    ['a broken tag', 200, (secret) => `<?xml version="1.0"?>\r\n<RIBCL VERSION="2.22"><LOGIN PASSWORD="${secret}"<A`],
    ['a broken object', 200, (secret) => `{"LicenseKey":"${secret}"x}`],
    ['a broken object with a password', 500, (secret) => `{"Password":"${secret}" "a":1}`],
    ['something else', 400, (secret) => `<html>${secret}</html>`],
  ];
  test.each(broken)('secrets are in no error: %s', async (_what, status, body) => {
    for (const generation of ['gen8', 'gen9', 'gen10'] as const) {
      const { ilo, client } = await startBench({ generation });
      await client.power.read();
      const next = new Secret('an0ther-Passw0rd');
      const key = new Secret('ABCDE-FGHIJ-KLMNO-PQRST-UVWXY');
      const calls: readonly (readonly [secret: string, call: () => Promise<unknown>])[] = [
        [key.reveal(), () => client.licence.read()],
        [key.reveal(), () => client.licence.activate(key)],
        [next.reveal(), () => client.accounts.changePassword(next, { timeoutMs: 300 })],
        [ilo.password, () => client.power.read()],
      ];
      for (const [secret, call] of calls) {
        using _broken = meddle((request, response) => answer(request, response, status, body(secret), request.url === '/ribcl' ? 'text/xml' : 'application/json'));
        const error = await failure(call());
        expect(inspect(error, { depth: 12 }) + JSON.stringify(error), `${generation} ${error.message}`).not.toContain(secret);
      }
    }
  });
});
