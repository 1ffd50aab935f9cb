import { createHash } from 'node:crypto';
import { errorCode, FerricError, optionIssues, revealSealed, type JsonObject } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { createIloBench, startFileServer } from '../../test/ilo-bench.js';

const rejection = (promise: Promise<unknown>): Promise<unknown> => promise.then((value) => expect.fail(`It yielded ${String(value)}`), (reason: unknown) => reason);
const kept = (bench: ReturnType<typeof createIloBench>): readonly unknown[] => bench.kept.map((each) => revealSealed(each));

describe('the steps', () => {
  test('have the priorities of the documents', () => {
    const bench = createIloBench('ilo');
    const automatic = (bench.device.steps ?? []).filter(({ priority }) => priority > 0);
    expect(automatic.map(({ kind, interface: owner, name, priority }) => `${kind} ${owner}.${name} ${priority}`)).toEqual([
      'clean management.reset_ilo 1', 'clean management.reset_ilo_credential 30', 'clean management.reset_bios_to_default 10',
      'clean management.reset_secure_boot_keys_to_default 20',
    ]);
    const manual = new Set((bench.device.steps ?? []).filter(({ priority }) => priority === 0).map(({ kind, name }) => `${kind} ${name}`));
    expect([...manual]).toEqual([
      'deploy reset_ilo', 'deploy reset_ilo_credential', 'deploy reset_bios_to_default', 'deploy reset_secure_boot_keys_to_default', 'clean clear_secure_boot_keys',
      'deploy clear_secure_boot_keys', 'clean update_firmware', 'deploy update_firmware', 'clean activate_license', 'deploy activate_license', 'clean create_csr',
      'clean add_https_certificate', 'clean insert_virtual_media', 'deploy insert_virtual_media',
    ]);
  });

  test('of ilo5 are more', () => {
    const names = new Set((createIloBench('ilo5').device.steps ?? []).map(({ name }) => name));
    for (const name of ['erase_devices', 'one_button_secure_erase', 'clear_ca_certificates', 'security_parameters_update', 'update_minimum_password_length', 'update_auth_failure_logging_threshold']) {
      expect(names).toContain(name);
    }
  });

  test('take their priorities from driver_info, as number or text; 0 leaves one out', () => {
    const { device } = createIloBench('ilo', { ilo_clean_priority_reset_ilo: 0, ilo_clean_priority_clear_secure_boot_keys: '25' });
    const priorities = Object.fromEntries((device.steps ?? []).filter(({ kind }) => kind === 'clean').map(({ name, priority }) => [name, priority]));
    expect(priorities).toMatchObject({ reset_ilo: 0, clear_secure_boot_keys: 25, reset_bios_to_default: 10 });
  });
});

describe('reset_ilo', () => {
  test('puts the media back in that the reset took out, and the choice of the next boot', async () => {
    await using bench = createIloBench();
    bench.ilo.media = [{ type: 'floppy', url: 'http://192.0.2.1/f.img' }, { type: 'cdrom', url: 'http://192.0.2.1/agent.iso' }];
    bench.ilo.boot = { device: 'cdrom', persistent: false };
    expect(await bench.run('reset_ilo')).toBe('done');
    expect(bench.ilo.asked).toEqual(['controller.reset', 'virtualMedia.insert floppy', 'virtualMedia.insert cdrom', 'virtualMedia.bootOnce']);
    expect(bench.ilo.media.map(({ url }) => url)).toEqual(['http://192.0.2.1/f.img', 'http://192.0.2.1/agent.iso']);
  });

  test('does no more than that', async () => {
    await using bench = createIloBench();
    await bench.run('reset_ilo');
    expect(bench.ilo.asked).toEqual(['controller.reset']);
  });
});

describe('reset_ilo_credential', () => {
  test('changes the password, and then only has driver_info forget the old one', async () => {
    await using bench = createIloBench('ilo', { ilo_change_password: 'second' });
    bench.ilo.instead.set('accounts.changePassword', async ({ next }) => {
      expect(bench.kept).toEqual([]);
      return next();
    });
    expect(await bench.run('reset_ilo_credential')).toBe('done');
    expect([bench.ilo.password, kept(bench)]).toEqual(['second', [{ ilo_password: 'second', ilo_change_password: null }]]);
    // The device goes on, and so do others of the same machine that were opened before.
    expect(await bench.device.power.read()).toMatchObject({ state: 'power off' });
    expect(bench.ilo.refused).toBe(0);
    expect(JSON.stringify(bench.host.logger.lines)).not.toContain('second');
  });

  test('a device opened with the old password afterwards is refused, one with the new shares the session', async () => {
    await using bench = createIloBench('ilo', { ilo_change_password: 'second' });
    await bench.run('reset_ilo_credential');
    await bench.open({ ilo_password: 'second' }).power.read();
    expect(bench.ilo.opened).toBe(1);
    expect(errorCode(await rejection(bench.open().power.read()))).toBe('AUTH_FAILED');
  });

  test('a device that was opened before the change, and is used for the first time after it, goes on with the new one', async () => {
    await using bench = createIloBench('ilo', { ilo_change_password: 'second' });
    const other = bench.open();
    await bench.run('reset_ilo_credential');
    expect((await other.power.read()).source).toBe('device');
    expect(bench.ilo.opened).toBe(1);
  });

  test('runs at once when the iLO refused the old password a moment ago, and does not try that again', async () => {
    await using bench = createIloBench('ilo', { ilo_change_password: 'second' });
    bench.ilo.password = 'second';
    expect(errorCode(await rejection(bench.device.power.read()))).toBe('AUTH_FAILED');
    expect(await bench.run('reset_ilo_credential')).toBe('done');
    expect(bench.ilo.asked).not.toContain('accounts.changePassword');
    expect(kept(bench).at(-1)).toEqual({ ilo_password: 'second', ilo_change_password: null });
  });

  test('a password given with the step is written down before the iLO gets it', async () => {
    await using bench = createIloBench();
    bench.ilo.instead.set('accounts.changePassword', async ({ next }) => {
      expect(kept(bench)).toEqual([{ ilo_change_password: 'third' }]);
      return next();
    });
    await bench.run('reset_ilo_credential', { ilo_password: 'third' });
    expect(kept(bench).at(-1)).toEqual({ ilo_password: 'third', ilo_change_password: null });
  });

  test('one that ended after the iLO had taken the new password is made good by running again', async () => {
    await using bench = createIloBench('ilo', { ilo_change_password: 'second' });
    bench.ilo.password = 'second';
    expect(await bench.run('reset_ilo_credential')).toBe('done');
    expect(kept(bench)).toEqual([{ ilo_password: 'second', ilo_change_password: null }]);
    expect([bench.ilo.refused, bench.ilo.asked]).toEqual([1, []]);
    expect(await bench.device.power.read()).toMatchObject({ state: 'power off' });
  });

  test('when neither password is taken it fails as the first did, after one try each, and nothing is forgotten', async () => {
    await using bench = createIloBench('ilo', { ilo_change_password: 'second' });
    bench.ilo.password = 'somebody else changed it';
    expect(errorCode(await rejection(bench.run('reset_ilo_credential')))).toBe('AUTH_FAILED');
    expect([bench.ilo.refused, bench.kept]).toEqual([2, []]);
  });

  test('a failure to write it down ends the step; the next run finds the password in force', async () => {
    await using bench = createIloBench('ilo', { ilo_change_password: 'second' });
    let isBroken = true;
    const written: unknown[] = [];
    const keepDriverInfo = async (changes: object): Promise<void> => {
      if (isBroken) throw new FerricError('ABORTED', 'The conductor stops');
      written.push(revealSealed(changes as never));
    };
    const stepOf = () => bench.open({}, { keepDriverInfo }).steps?.find(({ name }) => name === 'reset_ilo_credential');
    expect(errorCode(await rejection(stepOf()?.run({}) ?? Promise.resolve()))).toBe('ABORTED');
    isBroken = false;
    await stepOf()?.run({});
    expect(written).toEqual([{ ilo_password: 'second', ilo_change_password: null }]);
  });

  test('without a new password there is nothing to do', async () => {
    await using bench = createIloBench();
    expect(await bench.run('reset_ilo_credential')).toBe('done');
    expect([bench.ilo.asked, bench.kept]).toEqual([[], []]);
    expect(bench.host.logger.at('info')).toHaveLength(1);
  });

  test('where nobody would remember the new password it is not changed', async () => {
    await using bench = createIloBench();
    const step = bench.open({ ilo_change_password: 'second' }, {}).steps?.find(({ name }) => name === 'reset_ilo_credential');
    expect(errorCode(await rejection(step?.run({}) ?? Promise.resolve()))).toBe('UNSUPPORTED');
    expect(bench.ilo.asked).toEqual([]);
  });
});

describe('settings of the firmware', () => {
  test.each([['reset_bios_to_default', 'bios.factoryReset'], ['reset_secure_boot_keys_to_default', 'secureBoot.resetKeys'], ['clear_secure_boot_keys', 'secureBoot.clearKeys']])('%s', async (name, call) => {
    await using bench = createIloBench();
    expect(await bench.run(name)).toBe('done');
    expect(bench.ilo.asked).toEqual([call]);
    bench.ilo.instead.set(call, async () => {
      throw new FerricError('UNSUPPORTED', 'Gen8 has no such thing');
    });
    expect(await bench.run(name)).toBe('done');
    expect(bench.host.logger.at('warn').map(({ fields }) => fields['step'])).toEqual([name]);
    bench.ilo.instead.set(call, async () => {
      throw new FerricError('REFUSED', 'not now');
    });
    expect(errorCode(await rejection(bench.run(name)))).toBe('REFUSED');
  });
});

describe('update_firmware', () => {
  const IMAGE = Buffer.from('firmware of an iLO');
  const sum = (algorithm: string): string => createHash(algorithm).update(IMAGE).digest('hex');
  const args = (url: URL, checksum: string): JsonObject => ({ firmware_update_mode: 'ilo', firmware_images: [{ url: url.href, checksum, component: 'ilo' }] });

  test.each(['md5', 'sha256', 'sha512'])('an image that is what its %s says is loaded by the iLO itself', async (algorithm) => {
    await using server = await startFileServer(IMAGE);
    await using bench = createIloBench();
    expect(await bench.run('update_firmware', args(server.url, sum(algorithm)))).toBe('done');
    expect(bench.ilo.asked).toEqual(['firmware.update ilo']);
  });

  test('an iLO that speaks nothing but RIBCL gets the image from here', async () => {
    await using server = await startFileServer(IMAGE);
    await using bench = createIloBench();
    bench.ilo.identity = { ilo: 4, name: 'iLO 4', firmwareVersion: '1.51', backEnds: ['ribcl'] };
    await bench.run('update_firmware', args(server.url, sum('sha256').toUpperCase()));
    expect(bench.ilo.asked).toEqual([`firmware.update ilo ilo5.bin ${IMAGE.length}`]);
  });

  test('an image that is not what its checksum says is not written', async () => {
    await using server = await startFileServer(IMAGE);
    await using bench = createIloBench();
    const error = await rejection(bench.run('update_firmware', args(server.url, '0'.repeat(64))));
    expect([errorCode(error), bench.ilo.asked]).toEqual(['REFUSED', []]);
    expect(errorCode(await rejection(bench.run('update_firmware', args(new URL('/none', server.url), sum('md5')))))).toBe('NOT_FOUND');
  });

  test.each<[JsonObject, string]>([
    [{ firmware_update_mode: 'sum', firmware_images: [] }, 'firmware_update_mode'],
    [{ firmware_update_mode: 'ilo' }, 'firmware_images'],
    [{ firmware_update_mode: 'ilo', firmware_images: [{ url: 'file:///etc/passwd', checksum: '0'.repeat(32), component: 'ilo' }] }, 'firmware_images.0.url'],
    [{ firmware_update_mode: 'ilo', firmware_images: [{ url: 'http://operator:planted@192.0.2.1/a.bin', checksum: '0'.repeat(32), component: 'ilo' }] }, 'firmware_images.0.url'],
    [{ firmware_update_mode: 'ilo', firmware_images: [{ url: 'http://192.0.2.1/a.bin', checksum: '0'.repeat(33), component: 'ilo' }] }, 'firmware_images.0.checksum'],
    [{ firmware_update_mode: 'ilo', firmware_images: [{ url: 'http://192.0.2.1/a.bin', checksum: '0'.repeat(32), component: 'nic' }] }, 'firmware_images.0.component'],
  ])('%j is refused before anything is sent', async (wrong, field) => {
    await using bench = createIloBench();
    const error = await rejection(bench.run('update_firmware', wrong));
    expect(optionIssues(error).map((issue) => issue.field)).toEqual([field]);
    expect([bench.ilo.opened, JSON.stringify(error).includes('planted')]).toEqual([0, false]);
  });
});

describe('erase_devices', () => {
  test('erases the disks of one kind after those of the other, each with a start of the machine', async () => {
    await using bench = createIloBench('ilo5');
    const states = ['idle', 'erasing', 'done', 'idle', 'done'];
    bench.ilo.instead.set('raid.eraseStatus', async () => ({ state: states.shift() ?? 'done', drives: [] }));
    const done = bench.run('erase_devices', { erase_pattern: { hdd: 'zero', ssd: 'crypto' } });
    await bench.clock.advance(300_000);
    expect(await done).toBe('done');
    expect(bench.ilo.asked).toEqual(['raid.erase hdd zero', 'power.set rebooting', 'power.set power off', 'raid.erase ssd crypto', 'power.set rebooting', 'power.set power off']);
  });

  test('one that was begun before a crash is only watched', async () => {
    await using bench = createIloBench('ilo5');
    const states = ['erasing', 'done'];
    bench.ilo.instead.set('raid.eraseStatus', async () => ({ state: states.shift() ?? 'done', drives: [] }));
    const done = bench.run('erase_devices', { erase_pattern: { hdd: 'overwrite' } });
    await bench.clock.advance(300_000);
    expect([await done, bench.ilo.asked]).toEqual(['done', []]);
  });

  test('disks that were not erased are named', async () => {
    await using bench = createIloBench('ilo5');
    bench.ilo.instead.set('raid.eraseStatus', async () => ({ state: bench.ilo.asked.length === 0 ? 'idle' : 'failed', drives: [{ location: '1I:1:1', mediaType: 'HDD', status: 'EraseFailed' }] }));
    const error = await rejection(bench.run('erase_devices', {}));
    expect([errorCode(error), (error as Error).message]).toEqual(['REFUSED', expect.stringContaining('1I:1:1 EraseFailed')]);
  });

  test.each<[JsonObject, string]>([[{ erase_pattern: { tape: 'zero' } }, 'erase_pattern'], [{ erase_pattern: { hdd: 'block' } }, 'erase_pattern.hdd'], [{ erase_pattern: 'zero' }, 'erase_pattern']])('%j is refused', async (args, field) => {
    await using bench = createIloBench('ilo5');
    expect(optionIssues(await rejection(bench.run('erase_devices', args))).map((issue) => issue.field)).toEqual([field]);
    expect(bench.ilo.opened).toBe(0);
  });
});

test.each<[string, JsonObject, readonly string[]]>([
  ['activate_license', { ilo_license_key: 'AAAAA-BBBBB' }, ['licence.activate']],
  ['clear_ca_certificates', {}, ['certificates.remove all']],
  ['clear_ca_certificates', { fingerprints: ['AA:BB'] }, ['certificates.remove AA:BB']],
  ['security_parameters_update', { security_parameters: [{ param: 'Secure Boot', ignore: 'true' }] }, ['security.setIgnored Secure Boot true']],
  ['update_minimum_password_length', {}, ['security.setMinimumPasswordLength 8']],
  ['update_minimum_password_length', { password_length: '12', ignore: false }, ['security.setMinimumPasswordLength 12', 'security.setIgnored Minimum Password Length false']],
  ['update_auth_failure_logging_threshold', { logging_threshold: 3 }, ['security.setLoginFailureThreshold 3']],
])('%s with %j', async (name, args, asked) => {
  await using bench = createIloBench('ilo5');
  expect(await bench.run(name, args)).toBe('done');
  expect(bench.ilo.asked).toEqual(asked);
});

test('a medium is put in for a step of the deploy agent that works from it', async () => {
  await using bench = createIloBench();
  expect(await bench.run('insert_virtual_media', { url: 'http://192.0.2.1/spp.iso' })).toBe('done');
  await bench.run('insert_virtual_media', { url: 'https://192.0.2.1/driver.img', device: 'floppy' });
  expect(bench.ilo.media).toEqual([{ type: 'cdrom', url: 'http://192.0.2.1/spp.iso' }, { type: 'floppy', url: 'https://192.0.2.1/driver.img' }]);
  const problems = async (args: JsonObject): Promise<readonly string[]> => optionIssues(await rejection(bench.run('insert_virtual_media', args))).map(({ field, problem }) => `${field} ${problem}`);
  expect([await problems({}), await problems({ url: 'file:///etc/passwd', device: 'tape' })]).toEqual([['url missing'], ['device invalid', 'url invalid']]);
  expect(bench.ilo.asked).toHaveLength(2);
});

test('a licence key is shown in no error', async () => {
  await using bench = createIloBench();
  bench.ilo.instead.set('licence.activate', async () => {
    throw new FerricError('UNSUPPORTED', 'No');
  });
  expect(errorCode(await rejection(bench.run('activate_license', { ilo_license_key: 'AAAAA-BBBBB' })))).toBe('UNSUPPORTED');
  expect(optionIssues(await rejection(bench.run('activate_license', {})))).toMatchObject([{ field: 'ilo_license_key', problem: 'missing' }]);
  expect(optionIssues(await rejection(bench.run('activate_license', { ilo_license_key: 5 })))).toEqual([expect.not.objectContaining({ received: expect.anything() })]);
});

test('erasing the whole machine starts it anew and waits for nobody; where it is not offered nothing is done', async () => {
  await using bench = createIloBench('ilo5');
  expect(await bench.run('one_button_secure_erase')).toBe('wait');
  expect(bench.ilo.asked).toEqual(['secureErase.start', 'power.set rebooting']);
  bench.ilo.instead.set('secureErase.isOffered', async () => false);
  expect(errorCode(await rejection(bench.run('one_button_secure_erase')))).toBe('UNSUPPORTED');
  expect(bench.ilo.asked).toHaveLength(2);
});

describe('an erasure of the whole machine is not to be done anew', () => {
  test.each([
    ['secureErase.start', { details: { sent: true }, retryable: false }, false, true], ['secureErase.start', { details: { sent: false } }, true, undefined],
    ['power.set', { details: { sent: false } }, false, true],
  ] as const)('when %s fails with %j: retryable %s', async (call, how, retryable, once) => {
    await using bench = createIloBench('ilo5');
    bench.ilo.instead.set(call, () => Promise.reject(new FerricError('UNREACHABLE', 'away', how)));
    const error = (await rejection(bench.run('one_button_secure_erase'))) as FerricError;
    expect([error.code, error.retryable, error.details['once']]).toEqual(['UNREACHABLE', retryable, once]);
  });

  test.each([['secureErase.start', false, true], ['power.set', false, true], ['secureErase.isOffered', true, undefined]] as const)('when the time is over in %s: retryable %s', async (call, retryable, once) => {
    await using bench = createIloBench('ilo5');
    bench.ilo.instead.set(call, () => new Promise(() => undefined));
    const error = rejection(bench.run('one_button_secure_erase')) as Promise<FerricError>;
    await bench.clock.advance(301_000);
    expect([(await error).code, (await error).retryable, (await error).details['once']]).toEqual(['TIMEOUT', retryable, once]);
  });
});
