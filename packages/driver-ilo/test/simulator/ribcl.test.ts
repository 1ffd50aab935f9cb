import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type IloOptions, startIlo, type VirtualIlo } from '../../src/simulator/index.js';
import { exchangeBytes, startStill } from './bench.js';

// Bytes as another client sends them and as a real iLO sent them; see test/fixtures/*/SOURCE.md. Nothing here knows the client of this package.

const fixtures = new URL('../fixtures/', import.meta.url);
const REQUESTS = new URL('ribcl-requests/', fixtures);
/** The user of the recorded requests. */
const RECORDED = { username: 'Administrator', password: 'TestPassword' } as const;

const request = (name: string): string => {
  const file = readdirSync(REQUESTS).find((each) => each.startsWith(`${name}-`));
  if (file === undefined) throw new Error(`No request ${name} was recorded`);
  return readFileSync(new URL(file, REQUESTS), 'latin1');
};

/** Head and body of an answer, its chunks put together again. */
function parts(answer: string): { readonly head: string; readonly body: string; readonly sizes: readonly string[] } {
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  let left = rest.join('\r\n\r\n');
  let body = '';
  const sizes: string[] = [];
  for (;;) {
    const end = left.indexOf('\r\n');
    const size = left.slice(0, end);
    const length = Number.parseInt(size, 16);
    sizes.push(size);
    if (length === 0 || Number.isNaN(length)) return { head, body, sizes };
    body += left.slice(end + 2, end + 2 + length);
    left = left.slice(end + 4 + length);
  }
}

const documents = (answer: string): readonly string[] => parts(answer).body.split(/(?=<\?xml)/);
const statuses = (answer: string): readonly string[] => documents(answer).map((document) => /STATUS="(0x[0-9A-F]{4})"/.exec(document)?.[1] ?? 'none');

/** A request with these commands in a group. */
function script(ilo: VirtualIlo, group: string, mode: string, commands: string, password = ilo.password): string {
  const body = `<?xml version="1.0"?>\r\n<RIBCL VERSION="2.0"><LOGIN USER_LOGIN="${ilo.username}" PASSWORD="${password}"><${group} MODE="${mode}">${commands}</${group}></LOGIN></RIBCL>`;
  return `POST /ribcl HTTP/1.1\r\nHost: ilo\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`;
}

const start = (options: Partial<IloOptions> = {}): Promise<VirtualIlo> => startIlo({ generation: 'gen8', name: 'ribcl', ...RECORDED, ...options });

describe('an answer', () => {
  test('has the bytes that a real iLO sent', async () => {
    await using ilo = await start();
    ilo.machine.power.put(true);
    const recorded = readFileSync(new URL('ribcl-raw-ilo3-bl460c-g7/get_host_power_status.raw', fixtures), 'latin1');
    const answer = await exchangeBytes(ilo, request('get_host_power_status'));
    expect(parts(answer).body).toBe(parts(recorded).body);
    const names = (head: string): readonly string[] => head.split('\r\n').slice(1).map((line) => line.split(':')[0] ?? '').toSorted();
    expect(names(parts(answer).head)).toEqual(names(parts(recorded).head));
    expect(parts(answer).sizes.every((size) => /^[0-9a-f]{3}$|^0$/.test(size))).toBe(true);
  });

  /** The elements and attributes of each document. */
  const shapes = (text: string): readonly string[] => documents(text).map((document) => [...document.matchAll(/<([A-Z_]+)|\b([A-Z_]+)\s*=/g)].map(([, tag, key]) => tag ?? key).join(' '));

  test.each([
    ['get_fw_version', true],
    ['get_one_time_boot', true],
    ['get_vm_status', true],
    // The recorded iLO 3 sends one document without content more.
    ['get_product_name', false],
    ['get_all_licenses', false],
  ])('to %s has the elements that a real iLO sent', async (name, isWhole) => {
    await using ilo = await start();
    const recorded = shapes(readFileSync(new URL(`ribcl-raw-ilo3-bl460c-g7/${name}.raw`, fixtures), 'latin1'));
    const answer = shapes(await exchangeBytes(ilo, request(name)));
    expect(isWhole ? answer : [...new Set(answer)]).toEqual(isWhole ? recorded : [...new Set(recorded)]);
  });

  test('says of a device for the next start what real ones said: nothing in capitals when there is none', async () => {
    await using ilo = await start();
    const value = (text: string): string | undefined => /<BOOT_TYPE VALUE="(\w+)"/.exec(documents(text).join(''))?.[1];
    const recorded = readFileSync(new URL('ribcl-raw-ilo3-bl460c-g7/get_one_time_boot.raw', fixtures), 'latin1');
    expect(value(await exchangeBytes(ilo, request('get_one_time_boot')))).toBe(value(recorded));
    await exchangeBytes(ilo, script(ilo, 'SERVER_INFO', 'write', '<SET_ONE_TIME_BOOT VALUE="CDROM"/>'));
    expect(value(await exchangeBytes(ilo, request('get_one_time_boot')))).toBe('CDROM');
    await exchangeBytes(ilo, script(ilo, 'SERVER_INFO', 'write', '<SET_ONE_TIME_BOOT VALUE="NORMAL"/>'));
    expect(value(await exchangeBytes(ilo, request('get_one_time_boot')))).toBe('Normal');
  });

  test('without the feature is the recorded one', async () => {
    await using ilo = await start();
    const recorded = readFileSync(new URL('ribcl-raw-ilo3-bl460c-g7/get_current_boot_mode.raw', fixtures), 'latin1');
    expect(parts(await exchangeBytes(ilo, request('get_current_boot_mode'))).body).toBe(parts(recorded).body);
  });

  test('comes in chunks that are cut as they are told', async () => {
    await using ilo = await start({ behaviour: { chunks: 7 } });
    const { sizes, body } = parts(await exchangeBytes(ilo, request('get_product_name')));
    expect(new Set(sizes.slice(0, -2))).toEqual(new Set(['007']));
    expect(body).toContain('ProLiant DL380p Gen8');
  });
});

test('each recorded request is understood', async () => {
  await using ilo = await start({ bootModes: 'both', users: [{ username: 'TestUser', password: 'TestPassword' }], resetDurations: { leaveMs: 60_000 } });
  const expected: Record<string, string> = {
    activate_license: '0x0000',
    eject_virtual_media: '0x0039',
    cold_boot_server: '0x0033',
    reset_server: '0x0033',
    warm_boot_server: '0x0033',
    set_persistent_boot: '0x0001',
    set_vm_status: '0x0039',
    // Asks for a boot device that no iLO knows.
    'set_one_time_boot-029cf8f1': '0x0001',
  };
  for (const file of readdirSync(REQUESTS).filter((each) => each.endsWith('.request')).toSorted()) {
    const name = file.replace('.request', '');
    const answer = await exchangeBytes(ilo, readFileSync(new URL(file, REQUESTS)));
    const [worst = 'none'] = statuses(answer).toSorted().toReversed();
    expect(`${name} ${worst}`).toBe(`${name} ${expected[name] ?? expected[name.replace(/-[0-9a-f]+$/, '')] ?? '0x0000'}`);
    ilo.machine.power.put(false);
    ilo.machine.media.ejectAll();
  }
  expect(ilo.machine.accounts.withLogin('TestUser')?.name).toBe('TestUser2');
});

describe('what is wrong is said in its words', () => {
  test.each([
    ['a wrong password', (ilo: VirtualIlo) => script(ilo, 'SERVER_INFO', 'read', '<GET_PRODUCT_NAME/>', 'wrong-password'), ['0x0000', '0x005F'], 'Login failed.'],
    ['an unknown command', (ilo: VirtualIlo) => script(ilo, 'SERVER_INFO', 'read', '<GET_WEATHER/>'), ['0x0000', '0x0000', '0x0000', '0x0000', '0x0001'], 'syntax error near "GET_WEATHER"'],
    ['an unknown group', (ilo: VirtualIlo) => script(ilo, 'GARDEN_INFO', 'read', '<GET_TREE/>'), ['0x0000', '0x0000', '0x0001'], 'GARDEN_INFO'],
    ['writing without access', (ilo: VirtualIlo) => script(ilo, 'SERVER_INFO', 'read', '<PRESS_PWR_BTN/>'), ['0x0000', '0x0000', '0x0000', '0x0000', '0x0024'], 'Write access is required'],
    ['a word that the command does not know', (ilo: VirtualIlo) => script(ilo, 'SERVER_INFO', 'write', '<SET_ONE_TIME_BOOT VALUE="MOON"/>'), ['0x0000', '0x0000', '0x0000', '0x0000', '0x0001'], 'MOON'],
    ['a drive that is not there', (ilo: VirtualIlo) => script(ilo, 'RIB_INFO', 'read', '<GET_VM_STATUS DEVICE="TAPE"/>'), ['0x0000', '0x0000', '0x0000', '0x0000', '0x0035'], 'invalid Virtual Media option'],
    ['a tag that is never closed', (ilo: VirtualIlo) => script(ilo, 'RIB_INFO', 'read', '<GET_VM_STATUS>'), ['0x0000', '0x0001'], 'syntax error near "RIB_INFO"'],
  ])('%s', async (_what, make, codes, message) => {
    await using ilo = await start();
    const answer = await exchangeBytes(ilo, make(ilo));
    expect(statuses(answer).slice(0, codes.length)).toEqual(codes);
    expect(parts(answer).body).toContain(message);
    expect(ilo.activity.changeCommands).toBe(0);
  });

  test('a missing privilege', async () => {
    await using ilo = await start({ users: [{ username: 'guest', password: 'guest-password', privileges: ['LoginPriv'] }] });
    const answer = await exchangeBytes(ilo, script({ ...ilo, username: 'guest', password: 'guest-password' }, 'SERVER_INFO', 'write', '<PRESS_PWR_BTN/>'));
    expect(parts(answer).body).toContain('RESET_SERVER_PRIV required.');
    expect([statuses(answer)[4], ilo.machine.power.isOn]).toEqual(['0x0023', false]);
  });

  test('a missing licence', async () => {
    await using ilo = await start({ licence: 'standard' });
    const answer = await exchangeBytes(ilo, script(ilo, 'RIB_INFO', 'write', '<INSERT_VIRTUAL_MEDIA DEVICE="CDROM" IMAGE_URL="http://x/y.iso"/>'));
    expect(parts(answer).body).toMatch(/requires an advanced license/);
    expect(ilo.machine.media.cdrom.image).toBeUndefined();
  });
});

test('several commands of several groups are carried out in their order', async () => {
  await using ilo = await start();
  const body = script(ilo, 'SERVER_INFO', 'write', '<SET_HOST_POWER HOST_POWER="Yes"/><GET_HOST_POWER_STATUS/>').replace('</LOGIN>', '<RIB_INFO MODE="read"><GET_FW_VERSION/></RIB_INFO></LOGIN>');
  const text = body.split('\r\n\r\n')[1] ?? '';
  const answer = await exchangeBytes(ilo, body.replace(/Content-Length: \d+/, `Content-Length: ${text.length}`));
  const payloads = documents(answer).filter((document) => /<GET_/.test(document));
  expect(payloads).toEqual([expect.stringContaining('HOST_POWER="ON"'), expect.stringContaining('FIRMWARE_VERSION = "1.51"')]);
});

test('escapes are undone only for those who ask', async () => {
  await using ilo = await start();
  const named = async (hint: string): Promise<string> => {
    const plain = script(ilo, 'SERVER_INFO', 'write', '<SERVER_NAME VALUE="a &amp; b"/>');
    const [head = '', text = ''] = plain.split('\r\n\r\n');
    const body = text.replace('<RIBCL', `${hint}<RIBCL`);
    await exchangeBytes(ilo, `${head.replace(/Content-Length: \d+/, `Content-Length: ${body.length}`)}\r\n\r\n`, body);
    return ilo.machine.serverName;
  };
  expect([await named(''), await named('<?ilo entity-processing="standard"?><LOCFG VERSION="2.21"/>')]).toEqual(['a &amp; b', 'a & b']);
});

test('UEFI machines have an order with texts', async () => {
  await using own = await startStill({ generation: 'gen8', bootModes: 'both', ...RECORDED });
  const { ilo } = own;
  const read = async (): Promise<string> => parts(await exchangeBytes(ilo, request('get_persistent_boot'))).body;
  expect(await read()).toMatch(/<DEVICE value="Boot0007"\s+DESCRIPTION="Embedded RAID : Smart Array P420i Controller - 558\.00 GiB, RAID 1 Logical Drive\(Target:0, Lun:0\)"\/>/);
  await exchangeBytes(ilo, script(ilo, 'SERVER_INFO', 'write', '<SET_PERSISTENT_BOOT><DEVICE VALUE="Boot0008"/></SET_PERSISTENT_BOOT>'));
  expect((await read()).indexOf('Boot0008')).toBeLessThan((await read()).indexOf('Boot0007'));
});

test('where RIBCL is gone its place says so, where it is off there is none', async () => {
  await using gen11 = await startIlo({ generation: 'gen11', ...RECORDED });
  expect(await exchangeBytes(gen11, request('get_fw_version'))).toContain('RIBCLI is disabled');
  await using gen10 = await startIlo({ generation: 'gen10', ...RECORDED, behaviour: { ribcl: false } });
  expect(await exchangeBytes(gen10, request('get_fw_version'))).toMatch(/^HTTP\/1\.1 404/);
});
