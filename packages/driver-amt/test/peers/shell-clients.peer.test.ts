import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool, run } from '@ferric/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AmtDevice, startAmtDevice } from '../../src/simulator/index.js';
import { action, envelope } from '../simulator/support/envelopes.js';

// Clients of the shell: curl, which knows HTTP Digest, and Debian's wsl, "whistle", Dell's client of WS-Management around curl.

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ferric-amt-shell-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const urlOf = ({ host, port, tlsPort }: AmtDevice): string => (port === undefined ? `https://${host}:${tlsPort}/wsman` : `http://${host}:${port}/wsman`);

describe('curl --digest', () => {
  const curl = async (device: AmtDevice, body: string, ...more: readonly string[]): Promise<string> => {
    const file = join(directory, 'request.xml');
    writeFileSync(file, body);
    return run(findTool('curl'), [
      '--silent', '--show-error', '--digest', '--user', `${device.username}:${device.password}`, '--data-binary', `@${file}`,
      '--header', 'Content-Type: application/soap+xml; charset=utf-8', '--write-out', '\n%{http_code} %{num_connects}', ...more, urlOf(device),
    ]);
  };

  test('is let in over HTTP', async () => {
    await using device = await startAmtDevice();
    const answer = await curl(device, envelope({ action: action.get, resource: 'CIM_Chassis' }));
    expect(answer).toMatch(new RegExp(`<g:SerialNumber>${device.machine.identity.serialNumber}</g:SerialNumber>[^]*\\n200 \\d$`));
    expect(device.activity).toMatchObject({ authenticationAttempts: 1, refusedProofs: 0, staleProofs: 0 });
  });

  test('is let in over TLS, with auth-int on offer, when it is given the certificate', async () => {
    await using device = await startAmtDevice({ generation: 16, certificateName: '127.0.0.1' });
    const authority = join(directory, 'amt.pem');
    writeFileSync(authority, device.certificate?.certificate ?? '');
    expect(await curl(device, envelope({ action: action.get, resource: 'CIM_Chassis' }), '--cacert', authority)).toMatch(/\n200 \d$/);
    await expect(curl(device, '')).rejects.toThrow(/self-signed certificate/);
  });

  test('reads answers in chunks of one byte, by length, and to the end of the connection', async () => {
    await using device = await startAmtDevice();
    const body = envelope({ action: action.get, resource: 'AMT_GeneralSettings' });
    device.trouble.chunkBytes = 1;
    expect(await curl(device, body)).toMatch(/<\/a:Envelope>\n200/);
    for (const framing of ['length', 'connection end'] as const) {
      device.trouble.framing = framing;
      expect([framing, await curl(device, body)]).toEqual([framing, expect.stringMatching(/<\/a:Envelope>\n200/)]);
    }
  });

  test('sees a fault, a 401 and a broken answer for what they are', async () => {
    await using device = await startAmtDevice();
    expect(await curl(device, envelope({ action: action.get, resource: 'CIM_Toaster' }))).toMatch(/b:DestinationUnreachable[^]*\n400/);
    device.trouble.unauthorized = 5;
    expect(await curl(device, envelope({ action: action.get, resource: 'CIM_Chassis' }))).toMatch(/Log on failed[^]*\n401/);
    device.trouble.unauthorized = 0;
    device.faults.inject({ kind: 'garbage' });
    await expect(curl(device, '')).rejects.toThrow(/Received HTTP\/0.9 when not allowed/);
  });
});

describe('wsl', () => {
  /** Runs a command of wsl with a home of its own, where curl is told to use digest. */
  const wsl = async (device: AmtDevice, ...args: readonly string[]): Promise<string> => {
    const home = mkdtempSync(join(directory, 'home-'));
    writeFileSync(join(home, '.curlrc'), 'digest\n');
    writeFileSync(join(home, '.wsl-config'), 'KEEPHISTORY=0\n');
    const endpoint = { WSENDPOINT: `${device.host}:${device.port ?? device.tlsPort}`, WSUSER: device.username, WSPASS: device.password, WSAUTOMATED: 'true' };
    const secure: Record<string, string> = device.port === undefined ? {} : { WSNOSSL: 'true' };
    return run(findTool('wsl'), args, { cwd: home, env: { HOME: home, ...endpoint, ...secure } });
  };
  const uri = (name: string): string => `http://intel.com/wbem/wscim/1/amt-schema/1/${name}`;

  test('asks who is there', async () => {
    await using device = await startAmtDevice({ password: 'Passw0rd' });
    expect(await wsl(device, 'id', 'check')).toMatch(/ProductVersion>AMT 15\.0\.23</);
  });

  test.each([['over HTTP', 15], ['over TLS', 16]] as const)('gets and enumerates %s', async (_how, generation) => {
    await using device = await startAmtDevice({ password: 'Passw0rd', generation });
    expect(await wsl(device, 'get', 'CIM_SoftwareIdentity', 'InstanceID=AMT')).toMatch(new RegExp(`VersionString>${generation}\\.`));
    const memory = await wsl(device, 'enum', 'CIM_PhysicalMemory');
    expect([...memory.matchAll(/:BankLabel>(.+)<\//g)].map(([, label]) => label)).toEqual(['BANK 0', 'BANK 2']);
    expect(await wsl(device, 'get', uri('AMT_GeneralSettings'), 'InstanceID=Intel(r) AMT: General Settings')).toContain(`HostName>${device.name}<`);
  });

  /** An endpoint reference in a file of its own, a line for each element as wsl reads it. */
  const referenceFile = (name: string, selectors: Readonly<Record<string, string>>): string => {
    const file = join(directory, `${name}.xml`);
    const lines = Object.entries(selectors).map(([key, value]) => `<wsman:Selector Name="${key}">${value}</wsman:Selector>`);
    writeFileSync(file, [
      '<wsa:EndpointReference>', '<wsa:Address>/wsman</wsa:Address>', '<wsa:ReferenceParameters>',
      `<wsman:ResourceURI>http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/${name}</wsman:ResourceURI>`,
      '<wsman:SelectorSet>', ...lines, '</wsman:SelectorSet>', '</wsa:ReferenceParameters>', '</wsa:EndpointReference>', '',
    ].join('\n'));
    return file;
  };

  test('switches the machine on by a method', async () => {
    await using device = await startAmtDevice({ password: 'Passw0rd' });
    const service = referenceFile('CIM_PowerManagementService', {
      SystemCreationClassName: 'CIM_ComputerSystem', SystemName: 'Intel(r) AMT', CreationClassName: 'CIM_PowerManagementService',
      Name: 'Intel(r) AMT Power Management Service',
    });
    const system = referenceFile('CIM_ComputerSystem', { CreationClassName: 'CIM_ComputerSystem', Name: 'ManagedSystem' });
    const answer = await wsl(device, 'invoke', '-inst', service, 'CIM_PowerManagementService', 'RequestPowerStateChange', 'PowerState=2', `ManagedElement=FILE:${system}`);
    expect([/ReturnValue>0</.test(answer), device.machine.power.power.state.power]).toEqual([true, 'power on']);
  });
});
