import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type FerricError, Secret } from '@ferric/core';
import { createRecordingLogger } from '@ferric/core/testing';
import { defineGuest, findFreePorts, startFaultProxy } from '@ferric/lab';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLibvirtClient, type LibvirtClient, type LibvirtClientSettings } from '../../src/client/index.js';
import { machineXml } from './machine-xml.js';
import { credentialsOf, type Daemons, startDaemons } from './ways.js';

let daemons: Daemons;
beforeAll(async () => void (daemons = await startDaemons()));
afterAll(async () => daemons?.[Symbol.asyncDispose]());

const WRONG_PASSWORD = 'wrong-horse-battery';

async function failureOf(call: Promise<unknown>): Promise<FerricError> {
  return call.then(
    () => expect.fail('It did not fail'),
    (error: unknown) => error as FerricError,
  );
}

interface Refusal {
  readonly code: string;
  readonly says: RegExp;
  readonly hint: RegExp;
}

describe('a connection that is refused', () => {
  const tls = (uri: string): LibvirtClientSettings => ({ uri });
  const guarded = (uri: string, password = daemons.guarded.credentials.password): LibvirtClientSettings => ({ uri, credentials: credentialsOf(daemons.guarded, password) });
  const ssh = (parameters: string): LibvirtClientSettings => ({
    uri: `qemu+ssh://${daemons.sshd.username}@127.0.0.1:${daemons.sshd.port}/system?socket=${daemons.open.socket}&${parameters}`,
  });

  test.each<[string, () => LibvirtClientSettings | Promise<LibvirtClientSettings>, Refusal]>([
    ['for a wrong password, SCRAM', () => guarded(daemons.guarded.uris.unix, WRONG_PASSWORD), { code: 'AUTH_FAILED', says: /SCRAM-SHA-256 failed/, hint: /password/ }],
    ['for a wrong password, DIGEST-MD5', () => guarded(daemons.guarded.uris.tcp, WRONG_PASSWORD), { code: 'AUTH_FAILED', says: /DIGEST-MD5 failed/, hint: /password/ }],
    [
      'for an unknown user',
      () => ({ uri: daemons.guarded.uris.unix, credentials: { username: 'nobody', password: new Secret(daemons.guarded.credentials.password) } }),
      { code: 'AUTH_FAILED', says: /SCRAM-SHA-256 failed/, hint: /user name|sasl_username/ },
    ],
    ['without a password', () => ({ uri: daemons.guarded.uris.unix }), { code: 'AUTH_FAILED', says: /no credentials were given/, hint: /sasl_username and sasl_password/ }],
    [
      'for a mechanism that is not offered',
      () => guarded(`${daemons.guarded.uris.tcp}?auth=sasl.SCRAM-SHA-256`),
      { code: 'UNSUPPORTED', says: /SCRAM-SHA-256/, hint: /DIGEST-MD5|mechanism/ },
    ],
    [
      'by a certificate of an unknown authority',
      () => tls(`${daemons.open.uris.tls}?pkipath=${daemons.open.pki.unknownAuthority}`),
      { code: 'TLS_UNTRUSTED', says: /not issued by an authority/, hint: /cacert\.pem/ },
    ],
    [
      'by a certificate for another name',
      () => tls(`qemu+tls://localhost:${daemons.open.tlsPort}/system?pkipath=${daemons.open.pki.directory}`),
      { code: 'TLS_UNTRUSTED', says: /not for localhost/, hint: /subjectAltName/ },
    ],
    [
      'by a daemon that does not take our certificate',
      () => tls(`${daemons.open.uris.tls}?pkipath=${daemons.open.pki.wrongClient}`),
      { code: 'AUTH_FAILED', says: /refused our certificate.*clientcert\.pem/, hint: /authority that the daemon trusts/ },
    ],
    [
      'by a daemon that wants a certificate',
      () => tls(`${daemons.open.uris.tls}?pkipath=${daemons.open.pki.noClient}`),
      { code: 'AUTH_FAILED', says: /refused our certificate: none was shown/, hint: /pkipath/ },
    ],
    [
      'over SSH, by an unknown host',
      () => ssh(`keyfile=${daemons.sshd.userKeyFile}&known_hosts=${daemons.sshd.emptyHostsFile}`),
      { code: 'TLS_UNTRUSTED', says: /not known|unknown/, hint: /ssh-keyscan|known_hosts/ },
    ],
    [
      'over SSH, by a host whose key has changed',
      () => ssh(`keyfile=${daemons.sshd.userKeyFile}&known_hosts=${daemons.sshd.changedHostsFile}`),
      { code: 'TLS_UNTRUSTED', says: /changed|another|differs|not the one/i, hint: /ssh-keygen -R|known_hosts/ },
    ],
    [
      'over SSH, for another key',
      () => ssh(`keyfile=${daemons.sshd.strangerKeyFile}&known_hosts=${daemons.sshd.knownHostsFile}`),
      { code: 'AUTH_FAILED', says: /refused to log in/, hint: /authorized_keys/ },
    ],
    [
      'over SSH, without a daemon behind it',
      () => ({ uri: ssh(`keyfile=${daemons.sshd.userKeyFile}&known_hosts=${daemons.sshd.knownHostsFile}`).uri?.replace(daemons.open.socket, '/no/such/socket') ?? '' }),
      { code: 'UNREACHABLE', says: /command that leads to the libvirt daemon/, hint: /libvirtd|socket=/ },
    ],
    ['without a socket', () => ({ uri: 'qemu+unix:///system?socket=/no/such/socket' }), { code: 'UNREACHABLE', says: /no such socket/, hint: /libvirtd/ }],
    [
      'where nobody listens',
      async () => ({ uri: `qemu+tcp://127.0.0.1:${(await findFreePorts(1))[0]}/system` }),
      { code: 'UNREACHABLE', says: /nobody listens there/, hint: /port/ },
    ],
    ['plain, where TLS is spoken', () => ({ uri: `qemu+tcp://127.0.0.1:${daemons.open.tlsPort}/system` }), { code: 'PROTOCOL_FAULT|UNREACHABLE', says: /127\.0\.0\.1/, hint: /./ }],
    [
      'by TLS, where plain is spoken',
      () => tls(`qemu+tls://127.0.0.1:${daemons.open.tcpPort}/system?pkipath=${daemons.open.pki.directory}`),
      { code: 'PROTOCOL_FAULT|UNREACHABLE', says: /TLS/, hint: /16514|port/ },
    ],
    ['for a hypervisor that the daemon does not have', () => ({ uri: daemons.open.uris.unix.replace('qemu', 'xen') }), { code: 'UNSUPPORTED', says: /xen/i, hint: /driver in the URI/ }],
  ])('%s', { timeout: 15_000 }, async (_case, settingsOf, { code, says, hint }) => {
    const logger = createRecordingLogger();
    const settings = await settingsOf();
    await using client = createLibvirtClient({ ...settings, logger, connectTimeoutMs: 5000 });
    const error = await failureOf(client.connect());
    expect(error).toMatchObject({ code: expect.stringMatching(new RegExp(`^(?:${code})$`)), message: expect.stringMatching(says), hint: expect.stringMatching(hint) });
    expect(error.details['address']).toBe(client.uri.address);
    expect(error.retryable).toBe(error.code === 'UNREACHABLE');
    const shown = `${inspect(error, { depth: 10 })}${JSON.stringify(error)}${inspect(logger.lines, { depth: 10 })}`;
    for (const secret of [WRONG_PASSWORD, daemons.guarded.credentials.password]) expect(shown).not.toContain(secret);
  });

  test('is tried once when the password is wrong, however often it is asked for', async () => {
    const socket = join(daemons.guarded.directory, 'counted.sock');
    await using proxy = await startFaultProxy({ target: { socket: daemons.guarded.socket }, listen: { socket } });
    await using client = createLibvirtClient(guarded(`qemu+unix:///system?socket=${socket}`, WRONG_PASSWORD));
    const errors = await Promise.all(Array.from({ length: 5 }, () => failureOf(client.domains.list())));
    expect(errors.map((error) => error.code)).toEqual(Array.from({ length: 5 }, () => 'AUTH_FAILED'));
    expect(proxy.activity).toMatchObject({ connections: 1, authenticationAttempts: 1 });
  });

  test('TCP with DIGEST-MD5 works, and is warned of', async () => {
    const logger = createRecordingLogger();
    await using client = createLibvirtClient({ ...guarded(daemons.guarded.uris.tcp), logger });
    await client.connect();
    expect(logger.lines.filter((line) => line.level === 'warn').map((line) => line.message)).toEqual([expect.stringMatching(/DIGEST-MD5 is out of date/)]);
  });
});

describe('a call that is refused', () => {
  const uuid = randomUUID();
  let client: LibvirtClient;
  beforeAll(() => void (client = createLibvirtClient({ uri: daemons.open.uris.unix })));
  afterAll(async () => client?.close());
  const nobody = { name: 'nobody', uuid, id: -1 };

  test.each<[string, (client: LibvirtClient) => Promise<unknown>, Refusal & { readonly libvirtCode: number }]>([
    ['a domain by name', ({ domains }) => domains.lookupByName('nobody'), { code: 'NOT_FOUND', libvirtCode: 42, says: /nobody/, hint: /virsh list --all/ }],
    ['a domain by uuid', ({ domains }) => domains.lookupByUuid(uuid), { code: 'NOT_FOUND', libvirtCode: 42, says: new RegExp(uuid), hint: /virsh list --all/ }],
    ['the state of a domain', ({ domains }) => domains.state(nobody), { code: 'NOT_FOUND', libvirtCode: 42, says: /nobody/, hint: /virsh list --all/ }],
    ['a network', ({ networks }) => networks.lookupByName('nobody'), { code: 'NOT_FOUND', libvirtCode: 43, says: /nobody/, hint: /virsh net-list/ }],
    ['a pool', ({ storage }) => storage.pools.lookupByName('nobody'), { code: 'NOT_FOUND', libvirtCode: 49, says: /nobody/, hint: /virsh pool-list/ }],
    ['a volume by path', ({ storage }) => storage.volumes.lookupByPath('/no/such'), { code: 'NOT_FOUND', libvirtCode: 50, says: /no\/such/, hint: /refresh the pool/ }],
    ['XML that is none', ({ domains }) => domains.define('<domain>'), { code: 'REFUSED', libvirtCode: 35, says: /domain_define_xml_flags/, hint: /virt-xml-validate/ }],
    [
      'a machine that the hypervisor cannot make',
      ({ domains }) => domains.define(machineXml('qemu', { name: 'nobody', uuid }).replace('x86_64', 'vax')),
      { code: 'REFUSED|UNSUPPORTED', libvirtCode: 67, says: /vax|unsupported/i, hint: /./ },
    ],
  ])('%s', async (_case, call, { code, libvirtCode, says, hint }) => {
    const error = await failureOf(call(client));
    expect(error).toMatchObject({ code: expect.stringMatching(new RegExp(`^(?:${code})$`)), message: expect.stringMatching(says), hint: expect.stringMatching(hint) });
    expect(error.details).toMatchObject({ address: client.uri.address, libvirtCode });
    expect(client.status.connections).toBe(1);
  });

  test('another machine of the same name', async () => {
    const name = `twin-${randomBytes(4).toString('hex')}`;
    const first = await client.domains.define(machineXml('qemu', { name, uuid: randomUUID() }));
    expect(await failureOf(client.domains.define(machineXml('qemu', { name, uuid: randomUUID() })))).toMatchObject({ code: 'CONFLICT' });
    await client.domains.undefine(first);
  });

  test('what the hypervisor cannot do', async () => {
    await using simple = createLibvirtClient({ uri: daemons.open.uris.test });
    const domain = await simple.domains.lookupByName('test');
    const pool = await simple.storage.pools.lookupByName('default-pool');
    const volume = await simple.storage.volumes.create(pool, '<volume><name>none</name><capacity>1024</capacity></volume>');
    for (const call of [() => simple.domains.openConsole(domain), () => simple.storage.volumes.upload(volume, Buffer.alloc(10))]) {
      const error = await failureOf(call());
      expect(error).toMatchObject({ code: 'UNSUPPORTED', retryable: false, hint: expect.stringContaining('hypervisor cannot do this') });
      expect(error.details).toMatchObject({ libvirtCode: 3, address: simple.uri.address });
    }
    expect(await simple.domains.state(domain)).toMatchObject({ state: 'running' });
  });

  test('a picture of a machine without a screen', async () => {
    await using guest = await defineGuest(daemons.open);
    const domain = await client.domains.lookupByName(guest.name);
    expect(await failureOf(client.domains.screenshot(domain))).toMatchObject({ code: 'CONFLICT', details: { libvirtCode: 55 } });
    await client.domains.create(domain);
    expect(await failureOf(client.domains.screenshot(domain))).toMatchObject({ message: expect.stringContaining('no screens to take screenshot from') });
  });

  test('a change by somebody who may only read', async () => {
    await using guest = await defineGuest(daemons.open);
    await using reader = createLibvirtClient({ uri: daemons.open.uris.readOnly });
    const domain = await reader.domains.lookupByName(guest.name);
    expect(await reader.domains.state(domain)).toMatchObject({ state: 'shut off' });
    for (const call of [() => reader.domains.create(domain), () => reader.domains.undefine(domain), () => reader.domains.xml(domain, { secure: true })]) {
      const error = await failureOf(call());
      expect(error).toMatchObject({ code: 'REFUSED', retryable: false, hint: expect.stringMatching(/[Pp]ermission/) });
      expect(error.details).toMatchObject({ libvirtCode: 29, address: reader.uri.address });
    }
    expect(daemons.witnesses.open.qemu.isOn(guest.name)).toBe(false);
  });

  test('a second word with the SSH server once its key is remembered', async () => {
    const remembered = join(daemons.open.directory, 'remembered_hosts');
    writeFileSync(remembered, '');
    const uri = (verify: string): string =>
      `qemu+ssh://${daemons.sshd.username}@127.0.0.1:${daemons.sshd.port}/system?socket=${daemons.open.socket}&keyfile=${daemons.sshd.userKeyFile}&known_hosts=${remembered}&known_hosts_verify=${verify}`;
    await using first = createLibvirtClient({ uri: uri('auto') });
    await first.connect();
    expect(readFileSync(remembered, 'utf8')).toContain(daemons.sshd.hostPublicKey);
    await using second = createLibvirtClient({ uri: uri('normal') });
    await second.connect();
    expect(second.status.state).toBe('connected');
  });
});
