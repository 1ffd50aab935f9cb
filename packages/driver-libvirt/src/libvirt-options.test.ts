import { inspect } from 'node:util';
import { describeProperties, errorCode, optionIssues, Secret, type OptionIssue } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { domainTarget, hypervisorAccess, LIBVIRT_DRIVER_NAME, libvirtDriverInfo } from './libvirt-options.js';

function issuesOf(call: () => unknown): readonly OptionIssue[] {
  try {
    call();
  } catch (error) {
    expect(errorCode(error)).toBe('INVALID_OPTIONS');
    return optionIssues(error);
  }
  return expect.unreachable('it was accepted');
}
const refused = (info: object): readonly OptionIssue[] => issuesOf(() => libvirtDriverInfo.parse(info));
const PAIR = { sasl_username: 'me', sasl_password: 'very-secret-1' };
const SSH = 'qemu+ssh://root@192.0.2.1/system';

test('nothing is required, and the defaults are those of the drivers before', () => {
  expect(libvirtDriverInfo.parse({ deploy_kernel: 'x' })).toEqual({ libvirt_uri: 'qemu+unix:///system', libvirt_storage_pool: 'default' });
  expect(LIBVIRT_DRIVER_NAME).toBe('staging-libvirt');
  expect(libvirtDriverInfo.secretFields).toEqual(['sasl_password']);
});

test('every field is described, with its default', () => {
  const described = describeProperties(libvirtDriverInfo);
  expect(Object.keys(described)).toEqual([
    'libvirt_uri',
    'ssh_key_filename',
    'sasl_username',
    'sasl_password',
    'libvirt_domain',
    'libvirt_storage_pool',
  ]);
  expect(described['libvirt_uri']).toContain('default is "qemu+unix:///system"');
  for (const text of Object.values(described)) expect(text).toMatch(/Optional\.$/);
});

describe('the URI', () => {
  test.each([
    'qemu:///system',
    'qemu+unix:///system?socket=/run/x.sock',
    'qemu+tcp://192.0.2.1/system',
    'qemu+tls://host.example/system',
    SSH,
    'test+unix:///default?socket=/x',
    'qemu:///session',
  ])('%s is taken', (uri) => {
    expect(libvirtDriverInfo.parse({ libvirt_uri: uri }).libvirt_uri).toBe(uri);
  });

  test.each(['', 'qemu', 'qemu+unix://host/system', 'qemu+carrier-pigeon://host/system', 'http://[', 'qemu+tcp://host:99999/system', 17])(
    '%j is refused',
    (uri) => {
      expect(refused({ libvirt_uri: uri })).toMatchObject([{ field: 'libvirt_uri' }]);
    },
  );

  test.each(['qemu+tcp://me:very-secret-1@192.0.2.1/system', 'qemu+tcp://192.0.2.1/system?sasl_password=very-secret-1'])(
    'a password in it is refused and not shown: %s',
    (uri) => {
      const issues = refused({ libvirt_uri: uri });
      expect(issues).toMatchObject([{ field: 'libvirt_uri', problem: 'invalid', expected: expect.stringContaining('without a password') as string }]);
      expect(JSON.stringify(issues)).not.toContain('very-secret-1');
    },
  );
});

describe('authentication', () => {
  test('a password is a secret from the first line on', () => {
    const info = libvirtDriverInfo.parse(PAIR);
    expect(Secret.is(info.sasl_password)).toBe(true);
    expect(hypervisorAccess(info).credentials?.password.reveal()).toBe('very-secret-1');
    expect(inspect(hypervisorAccess(info), { depth: null })).not.toContain('very-secret-1');
    expect(libvirtDriverInfo.parse({ ...PAIR, sasl_password: 1234 }).sasl_password?.reveal()).toBe('1234');
  });

  test('a key goes with ssh', () => {
    expect(hypervisorAccess(libvirtDriverInfo.parse({ libvirt_uri: SSH, ssh_key_filename: '/key' }))).toEqual({ uri: SSH, ssh: { keyFile: '/key' } });
    expect(hypervisorAccess(libvirtDriverInfo.parse({}))).toEqual({ uri: 'qemu+unix:///system' });
  });

  test.each<readonly [string, object, readonly Partial<OptionIssue>[]]>([
    ['a user without a password', { sasl_username: 'me' }, [{ field: 'sasl_password', problem: 'missing' }]],
    ['a password without a user', { sasl_password: 'very-secret-1' }, [{ field: 'sasl_username', problem: 'missing' }]],
    [
      'a pair and a key',
      { ...PAIR, libvirt_uri: SSH, ssh_key_filename: '/key' },
      [{ field: 'ssh_key_filename', expected: 'left out when sasl_username and sasl_password are given' }],
    ],
    [
      'a key without ssh',
      { ssh_key_filename: '/key' },
      [{ field: 'ssh_key_filename', expected: 'left out unless libvirt_uri has the transport ssh' }],
    ],
    ['an empty key', { libvirt_uri: SSH, ssh_key_filename: '' }, [{ field: 'ssh_key_filename' }]],
    ['an empty password', { ...PAIR, sasl_password: '' }, [{ field: 'sasl_password', problem: 'invalid' }]],
    [
      'everything wrong at once',
      { libvirt_uri: 1, sasl_username: 2, libvirt_domain: 3 },
      [{ field: 'libvirt_uri' }, { field: 'sasl_username' }, { field: 'libvirt_domain' }],
    ],
  ])('%s is refused', (_what, info, issues) => {
    expect(refused(info)).toMatchObject(issues);
    expect(JSON.stringify(refused(info))).not.toContain('very-secret-1');
  });
});

describe('the domain', () => {
  const info = (more: object = {}): ReturnType<typeof libvirtDriverInfo.parse> => libvirtDriverInfo.parse(more);

  test('is the one that is named', () => {
    expect(domainTarget(info({ libvirt_domain: ' vm-1 ' }), { ports: [{ address: '52:54:00:00:00:01', pxeEnabled: true }] })).toEqual({
      domain: 'vm-1',
      macs: ['52:54:00:00:00:01'],
    });
    expect(domainTarget(info({ libvirt_domain: 'vm-1' }))).toEqual({ domain: 'vm-1', macs: [] });
  });

  test('else the one with an address of a port, in whatever notation', () => {
    const ports = ['52:54:00:AB:00:01', '52-54-00-ab-00-02'].map((address) => ({ address, pxeEnabled: false }));
    expect(domainTarget(info(), { ports })).toEqual({ domain: undefined, macs: ['52:54:00:ab:00:01', '52:54:00:ab:00:02'] });
  });

  test('without either, the ports are missing', () => {
    for (const context of [undefined, {}, { ports: [] }]) {
      expect(issuesOf(() => domainTarget(info(), context))).toMatchObject([
        { field: 'ports', problem: 'missing', expected: expect.stringContaining('libvirt_domain') as string },
      ]);
    }
  });
});
