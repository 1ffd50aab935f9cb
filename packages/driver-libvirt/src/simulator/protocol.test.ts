import { createFakeClock } from '@ferric/core/testing';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { characters, domain, errorOf, frame, maybe, RawClient, text, u32, u64, Values } from '../../test/simulator/raw-client.js';
import { startVirtualHypervisor, type VirtualHypervisor } from './virtual-hypervisor.js';

// Driven by bytes written by hand. The errors were recorded from libvirtd 9.0.0 of Debian 12.

const KEEP_ALIVE = 0x6b656570;
const NO_UUID = '00000000-0000-0000-0000-000000000000';

let hypervisor: VirtualHypervisor;
let client: RawClient;

beforeEach(async () => {
  hypervisor = await startVirtualHypervisor();
  client = await RawClient.connect(hypervisor);
});

afterEach(async () => {
  client[Symbol.dispose]();
  await hypervisor[Symbol.asyncDispose]();
});

const open = async (name: string | null = 'qemu:///system', flags = 0) => client.call(1, maybe(name) + u32(flags));

describe('frames as libvirtd 9.0.0 answers them', () => {
  test('the first calls of the C library', async () => {
    const exchanges = [
      ['0000001c 20008086 00000001 00000042 00000000 00000000 00000000', '00000024 20008086 00000001 00000042 00000001 00000000 00000000 00000001 00000000'],
      ['00000020 20008086 00000001 0000003c 00000000 00000001 00000000 0000000a', '00000020 20008086 00000001 0000003c 00000001 00000001 00000000 00000001'],
      [
        '00000038 20008086 00000001 00000001 00000000 00000002 00000000 00000001 0000000e 71656d75 3a2f2f2f 73797374 656d0000 00000000',
        '0000001c 20008086 00000001 00000001 00000001 00000002 00000000',
      ],
      ['0000001c 20008086 00000001 00000003 00000000 00000003 00000000', '00000024 20008086 00000001 00000003 00000001 00000003 00000000 00000004 51454d55'],
    ] as const;
    const received: Buffer[] = [];
    client.socket.on('data', (chunk: Buffer) => received.push(chunk));
    for (const [index, [call]] of exchanges.entries()) {
      client.send(Buffer.from(call.replaceAll(' ', ''), 'hex'));
      await client.until(() => client.order.length === index + 1);
    }
    expect(Buffer.concat(received).toString('hex')).toBe(exchanges.map(([, answer]) => answer).join('').replaceAll(' ', ''));
  });

  test('an error, byte by byte', async () => {
    const answer = await client.call(9999);
    expect([answer.type, answer.procedure, answer.status]).toEqual([1, 9999, 1]);
    expect(answer.payload.toString('hex')).toBe(
      [
        '00000027', '00000007', `00000001${text('unknown procedure: 9999')}`, '00000002', '00000000', `00000001${text('%s')}`,
        `00000001${text('unknown procedure: 9999')}`, '00000000', 'ffffffff', 'ffffffff', '00000000',
      ].join(''),
    );
  });

  test('an error of a bad argument names function and argument', async () => {
    await open();
    const answer = await client.call(273, u32(1) + u32(1 << 20));
    const message = 'unsupported flags (0x100000) in function qemuConnectListAllDomains';
    expect(answer.payload.toString('hex')).toBe(
      `${u32(8)}${u32(10)}${maybe(message)}${u32(2)}${u32(0)}${maybe('qemuConnectListAllDomains')}${maybe('flags')}${u32(0)}${u32(0)}${u32(0)}${u32(0)}`,
    );
  });
});

describe('opening', () => {
  test.each([
    [3, ''], [23, text('nope')], [60, u32(14)], [273, u32(1) + u32(0)],
  ])('procedure %d is refused before it', async (procedure, payload) => {
    expect(await client.fail(procedure, payload)).toEqual({ code: 1, domain: 7, message: 'internal error: hypervisor connection not open' });
  });

  test('the keepalive feature may be asked for before it, and again later', async () => {
    expect(await client.read(60, u32(10), (values) => values.int())).toBe(1);
    await open();
    expect(await client.read(60, u32(14), (values) => values.int())).toBe(1);
    expect(await client.read(60, u32(17), (values) => values.int())).toBe(0);
  });

  test.each(['qemu:///system', 'qemu:///session', '', null])('%j can be opened', async (name) => {
    expect((await open(name)).status).toBe(0);
    expect(await client.read(110, '', (values) => values.text())).toBe(name === '' || name === null ? 'qemu:///system' : name);
  });

  test('another hypervisor cannot, and then nothing else either', async () => {
    expect(errorOf(await open('xen:///system'))).toEqual({ code: 5, domain: 0, message: 'no connection driver available for xen:///system' });
    expect(errorOf(await open())).toEqual({ code: 1, domain: 7, message: 'internal error: connection not open' });
  });

  test('a second time fails and takes the first away', async () => {
    expect((await open()).status).toBe(0);
    expect(errorOf(await open())).toEqual({ code: 1, domain: 7, message: 'internal error: connection already open' });
    expect(await client.fail(3)).toEqual({ code: 1, domain: 7, message: 'internal error: hypervisor connection not open' });
  });

  test('closing is answered and then done', async () => {
    await open();
    expect((await client.call(2)).status).toBe(0);
    expect(await client.ended).toBe('closed');
  });

  test('who may only read is refused changes, also of what does not exist', async () => {
    await open('qemu:///system', 1);
    expect(await client.fail(350, text('<domain/>') + u32(0))).toEqual({
      code: 29, domain: 20, message: 'operation forbidden: read only access prevents virDomainDefineXMLFlags',
    });
    expect(await client.fail(9, domain('a', NO_UUID))).toMatchObject({
      code: 29, message: 'operation forbidden: read only access prevents virDomainCreate',
    });
    expect(await client.read(273, u32(1) + u32(0), (values) => values.list(values.domain).length)).toBe(2);
    const vm = domain('vm-1', await client.uuidOf('vm-1'));
    expect(await client.fail(14, vm + u32(1))).toEqual({ code: 29, domain: 20, message: 'operation forbidden: virDomainGetXMLDesc with secure flag' });
  });
});

describe('what cannot be understood', () => {
  test.each([
    ['an unknown procedure', 9999, '', {}, 'unknown procedure: 9999'],
    ['procedure 0', 0, '', {}, 'unknown procedure: 0'],
    ['an event as a call', 318, '', {}, 'unknown procedure: 318'],
    ['another program', 1, '', { program: 0x12345678 }, 'Cannot find program 305419896 version 1'],
    ['another version', 3, '', { version: 2 }, 'Cannot find program 536903814 version 2'],
    ['a status', 66, '', { status: 1 }, 'Unexpected message status 1'],
    ['arguments that are cut off', 23, `${u32(100)}61626300`, {}, 'Unable to decode message payload'],
    ['a text that is too long', 23, u32(4_194_305), {}, 'Unable to decode message payload'],
    ['too many keys', 226, `${domain('a', NO_UUID)}${u32(0)}${u32(0)}${u32(17)}`, {}, 'Unable to decode message payload'],
  ])('%s is answered with an error, and the connection goes on', async (_what, procedure, payload, parts, message) => {
    await open();
    expect(await client.fail(procedure, payload, parts)).toEqual({ code: 39, domain: 7, message });
    expect(await client.read(3, '', (values) => values.text())).toBe('QEMU');
  });

  test.each([
    ['an answer', { type: 1 }], ['a message', { type: 2 }], ['a packet of no stream', { type: 3 }], ['a hole in no stream', { type: 6 }],
    ['a type that does not exist', { type: 9 }],
  ])('%s is passed over', async (_what, parts) => {
    await open();
    client.send(frame(3, u64(0n), { ...parts, serial: 77 }));
    expect(await client.read(3, '', (values) => values.text())).toBe('QEMU');
    expect(client.messages).toEqual([]);
  });

  test('bytes behind the arguments are passed over', async () => {
    await open();
    expect(await client.read(3, '31323334', (values) => values.text())).toBe('QEMU');
  });

  test.each([0, 10, 27, 33_554_437, 0x7fffffff])('a length of %d ends the connection', async (length) => {
    client.send(frame(3, '', { length }));
    await client.ended;
    await expect.poll(() => hypervisor.activity.openConnections).toBe(0);
  });

  test('a call that brings file descriptors ends the connection', async () => {
    client.send(frame(3, u32(1), { type: 4 }));
    expect(await client.ended).toBe('closed');
  });

  test('no bytes whatever take the daemon down', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });
    const calls = fc
      .tuple(fc.integer({ min: 0, max: 450 }), bytes, fc.constantFrom(0, 0, 0, 3, 6), fc.constantFrom(0, 0, 2))
      .map(([procedure, payload, type, status]) => frame(procedure, Buffer.from(payload), { type, status, serial: 5 }));
    const noise = bytes.map((raw) => Buffer.from(raw));
    const input = fc.array(fc.oneof({ weight: 1, arbitrary: noise }, { weight: 9, arbitrary: calls }), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(input, async (chunks) => {
        using other = await RawClient.open(hypervisor);
        other.send(Buffer.concat(chunks));
        other.socket.end();
        await other.ended;
        for (const { type, status, payload } of other.order) {
          if (type === 1 && status === 1) expect(new Values(payload.subarray(8)).maybe()).not.toMatch(/defect/);
        }
      }),
      { numRuns: 150 },
    );
    expect((await open()).status).toBe(0);
  });
});

test('answers come by serial, whatever it is', async () => {
  await open();
  const serials = [0xffffffff, 0, 7, 123456];
  const answers = await Promise.all(serials.map((serial) => client.call(59, '', { serial })));
  expect(answers.map(({ serial }) => serial)).toEqual(serials);
});

test('answers of many megabytes arrive whole', async () => {
  await open();
  const uuid = await client.uuidOf('vm-1');
  const note = 'x'.repeat(3_000_000);
  expect((await client.call(264, domain('vm-1', uuid) + u32(0) + maybe(note) + maybe(null) + maybe(null) + u32(0))).status).toBe(0);
  const xmls = await Promise.all(Array.from({ length: 6 }, () => client.read(14, domain('vm-1', uuid) + u32(0), (values) => values.text())));
  expect(new Set(xmls.map((xml) => xml.length)).size).toBe(1);
  expect(xmls[0]).toContain(note);
});

test('a text that the protocol cannot carry is refused', async () => {
  await open();
  const uuid = await client.uuidOf('vm-1');
  const set = (kind: number) => client.call(264, domain('vm-1', uuid) + u32(kind) + maybe('&'.repeat(1_000_000)) + maybe(null) + maybe(null) + u32(0));
  expect((await set(0)).status).toBe(0);
  expect(await client.fail(14, domain('vm-1', uuid) + u32(0))).toMatchObject({ code: 39, message: 'Unable to encode message payload' });
});

describe('signs of life', () => {
  test('a ping is answered, also before anything else', async () => {
    client.send(frame(1, '', { program: KEEP_ALIVE, type: 2 }));
    await client.until(() => client.messages.length === 1);
    expect(client.messages).toEqual([{ program: KEEP_ALIVE, version: 1, procedure: 2, type: 2, serial: 0, status: 0, payload: Buffer.alloc(0) }]);
  });

  test('who asked for pings gets them in times of silence, and is cut off when he is silent for too long', async () => {
    const clock = createFakeClock();
    await using patient = await startVirtualHypervisor({ clock, keepAlive: { intervalMs: 1000, count: 2 } });
    using quiet = await RawClient.connect(patient);
    await quiet.read(60, u32(10), (values) => values.int());
    const pings = (): number => quiet.messages.filter(({ program, procedure }) => program === KEEP_ALIVE && procedure === 1).length;
    await clock.advance(1000);
    expect(pings()).toBe(0);
    await clock.advance(1000);
    await quiet.until(() => pings() === 1);
    quiet.send(frame(2, '', { program: KEEP_ALIVE, type: 2 }));
    await quiet.read(60, u32(10), (values) => values.int());
    for (const wanted of [1, 2, 3]) {
      await clock.advance(1000);
      await quiet.until(() => pings() === wanted);
    }
    await clock.advance(1000);
    expect(await quiet.ended).toBe('closed');
  });

  test('who did not ask is left alone', async () => {
    const clock = createFakeClock();
    await using patient = await startVirtualHypervisor({ clock, keepAlive: { intervalMs: 1000, count: 1 } });
    using quiet = await RawClient.open(patient);
    await clock.advance(10_000);
    expect(await quiet.read(3, '', (values) => values.text())).toBe('QEMU');
    expect(quiet.messages).toEqual([]);
  });
});

describe('with credentials', () => {
  let guarded: VirtualHypervisor;
  let stranger: RawClient;
  const REFUSED = { code: 45, domain: 7, message: 'authentication failed: authentication failed' };

  beforeEach(async () => {
    guarded = await startVirtualHypervisor({ credentials: { username: 'user', password: 'pencil' } });
    stranger = await RawClient.connect(guarded);
  });

  afterEach(async () => {
    stranger[Symbol.dispose]();
    await guarded[Symbol.asyncDispose]();
  });

  const start = (message: string, mechanism = 'SCRAM-SHA-256') => text(mechanism) + u32(0) + characters(message);
  const readStep = (values: Values) => ({ complete: values.int(), isNull: values.int(), data: values.characters() });

  test('strangers learn how to log in, and nothing else', async () => {
    expect(await stranger.read(66, '', (values) => values.list(values.int))).toEqual([1]);
    expect(await stranger.read(67, '', (values) => values.text())).toBe('SCRAM-SHA-256');
    for (const [procedure, payload] of [[1, maybe('qemu:///system') + u32(0)], [60, u32(10)], [2, '']] as const) {
      expect(await stranger.fail(procedure, payload)).toEqual({ code: 39, domain: 7, message: 'authentication required' });
    }
    expect(await stranger.fail(9999)).toMatchObject({ message: 'unknown procedure: 9999' });
  });

  test('a client that begins without data is asked for some', async () => {
    await stranger.call(67);
    expect(await stranger.read(68, text('SCRAM-SHA-256') + u32(1) + u32(0), readStep)).toEqual({ complete: 0, isNull: 1, data: '' });
    expect((await stranger.read(69, u32(0) + characters('n,,n=user,r=abc'), readStep)).data).toMatch(/^r=abc.+,s=.+,i=4096$/);
  });

  test('a zero byte behind a text is no part of it', async () => {
    await stranger.call(67);
    expect((await stranger.read(68, start('n,,n=user,r=abc\0'), readStep)).complete).toBe(0);
  });

  test.each([
    ['a start before the list was asked for', [[68, start('n,,n=user,r=abc')]]],
    ['a second list', [[67, ''], [67, '']]],
    ['another mechanism', [[67, ''], [68, start('', 'PLAIN')]]],
    ['another user', [[67, ''], [68, start('n,,n=root,r=abc')]]],
    ['a step before the start', [[67, ''], [69, u32(0) + characters('c=biws')]]],
    ['a wrong proof', [[67, ''], [68, start('n,,n=user,r=abc')], [69, u32(0) + characters('c=biws,r=abc,p=AAAA')]]],
    ['polkit', [[70, '']]],
  ] as const)('%s is refused, and the next attempt is free to begin', async (_what, calls) => {
    for (const [procedure, payload] of calls.slice(0, -1)) expect((await stranger.call(procedure, payload)).status).toBe(0);
    const [procedure, payload] = calls.at(-1) ?? [0, ''];
    expect(await stranger.fail(procedure, payload)).toEqual(REFUSED);
    expect((await stranger.call(1, maybe(null) + u32(0))).status).toBe(1);
  });

  test('attempts are counted', async () => {
    expect(guarded.activity.authenticationAttempts).toBe(0);
    await stranger.call(67);
    await stranger.call(68, start('n,,n=user,r=abc'));
    expect(guarded.activity.authenticationAttempts).toBe(0);
    await stranger.call(69, u32(0) + characters('c=biws,r=abc,p=AAAA'));
    expect(guarded.activity.authenticationAttempts).toBe(1);
  });
});
