import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { BENCH_PORT, createBench, HandConsole, hex, Refused, request, readAnswer, type HandSuite, type OpenOptions } from './hand-console.js';

const GET_DEVICE_ID = [0x06, 0x01] as const;
const PING = hex('0600ff06 000011be 80 5a 00 00');

function refusalOf(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

describe('outside a session', () => {
  test('answers the presence ping of ASF', () => {
    const pong = createBench().console().exchange(PING);
    expect(pong.toString('hex')).toBe('0600ff06000011be405a0010000011be000000008100000000000000');
  });

  test.each([
    ['everything', {}, '8e04', '0194040300000000'],
    ['without 2.0 data', {}, '0e04', '0114040000000000'],
    ['with a key of its own', { kgKey: '0102' }, '8e04', '0194240300000000'],
    ['without 1.5', { legacyAuthentication: [] }, '8e04', '0180040200000000'],
    ['without checks of each packet', { perMessageAuthentication: false }, '8e04', '0194140300000000'],
    ['with an anonymous user', { users: [{ name: '', password: '' }] }, '8e04', '0194010300000000'],
    ['with a null user', { users: [{ name: '', password: 'x' }, { name: 'a', password: 'x' }] }, '8e04', '0194060300000000'],
  ])('tells how it lets people in: %s', (_case, options, data, expected) => {
    expect(createBench(options).console().ask(0x06, 0x38, [...hex(data)])).toMatchObject({ completionCode: 0, data: expected });
  });

  test('tells its cipher suites in a packet of 2.0, sixteen bytes at a time', () => {
    const console = createBench({ cipherSuites: [1, 2, 3, 17] }).console();
    const list = (index: number): string => {
      const answer = console.exchange(HandConsole.handshakePacket(0x00, request(0x06, 0x54, [0x0e, 0x00, 0x80 | index])));
      return readAnswer(answer.subarray(16)).data;
    };
    expect([list(0), list(1), list(2)]).toEqual(['01c001014080c002014180c003014181c0', '0111034481', '01']);
  });

  test('refuses what needs a session, and tells its GUID', () => {
    const { bmc, console } = createBench();
    const peer = console();
    expect(peer.ask(...GET_DEVICE_ID).completionCode).toBe(0xd4);
    expect(peer.ask(0x00, 0x02, [1]).completionCode).toBe(0xd4);
    expect(peer.ask(0x30, 0x01).completionCode).toBe(0xd4);
    expect(peer.ask(0x06, 0x37).data).toBe(Buffer.from(bmc.settings.guid ?? []).toString('hex'));
    expect([bmc.machine.power, bmc.activity.changeCommands]).toEqual(['power off', 0]);
  });
});

describe('a session of 2.0', () => {
  test.each([0, 1, 2, 3, 17] as const)('with suite %i', (suite) => {
    const { bmc, session } = createBench();
    const opened = session({ suite });
    expect(opened.say(0x00, 0x01)).toBe('00 200040f0');
    expect(opened.say(0x06, 0x3c, [...opened.bmcId])).toBe('00');
    expect(bmc.activity).toMatchObject({ openSessions: 0, sessionsOpened: 1, sessionsClosed: 1, authenticationAttempts: 1 });
  });

  test('with a key of the BMC itself', () => {
    const kgKey = '00112233445566778899aabbccddeeff00112233';
    const { session } = createBench({ kgKey });
    expect(session({ kgKey: hex(kgKey) }).say(0x06, 0x04)).toBe('00 5500');
    expect(() => session()).toThrow('does not know');
  });

  test('with passwords of 20 and names of 16 bytes', () => {
    const user = { name: 'sixteen-letters-', password: 'twenty-letters-long-' };
    expect(createBench({ users: [user] }).session({ user: user.name, password: user.password }).say(0x06, 0x04)).toBe('00 5500');
  });

  test('with the null user', () => {
    expect(createBench({ users: [{ name: '', password: 'x' }] }).session({ user: '', password: 'x' }).say(0x06, 0x04)).toBe('00 5500');
  });

  test.each<[string, OpenOptions, string]>([
    ['a wrong password', { password: 'wrong' }, 'rakp4: f'],
    ['an unknown name', { user: 'nobody' }, 'rakp2: d'],
    ['the null user where there is none', { user: '', password: '' }, 'rakp2: d'],
    ['a user that is off', { user: 'off', password: 'x' }, 'rakp2: d'],
    ['more than the user may', { user: 'reader', password: 'x', role: 0x14 }, 'rakp2: a'],
    ['more than was opened', { openRole: 2, role: 0x14 }, 'rakp2: a'],
    ['no level at all', { role: 0x10 }, 'rakp2: 9'],
    ['a level that does not exist', { openRole: 6 }, 'open: 9'],
    ['a suite that is not offered', { suite: 17 }, 'open: 4'],
  ])('is refused for %s', (_case, options, expected) => {
    const users = [{ name: 'admin', password: 'secret' }, { name: 'reader', password: 'x', privilegeLevel: 'user' as const }, { name: 'off', password: 'x', enabled: false }];
    const { bmc, session } = createBench({ users, cipherSuites: [3] });
    expect(refusalOf(() => session(options))).toBe(expected);
    expect(bmc.activity).toMatchObject({ openSessions: 0, sessionsOpened: 0 });
  });

  test.each<[HandSuite[], HandSuite, string]>([[[1], 2, 'open: 5'], [[2], 3, 'open: 10'], [[2, 17], 3, 'open: 11'], [[3], 0, 'open: 4']])(
    'a BMC with suites %j refuses %i', (cipherSuites, suite, expected) => {
      expect(refusalOf(() => createBench({ cipherSuites }).session({ suite }))).toBe(expected);
    },
  );

  test('the level decides among users of one name, unless the name alone shall', () => {
    const users = [{ name: 'twin', password: 'low', privilegeLevel: 'operator' as const }, { name: 'twin', password: 'high' }];
    const { session } = createBench({ users });
    expect(session({ user: 'twin', password: 'high', role: 0x04 }).say(0x06, 0x3b, [0])).toBe('00 04');
    expect(session({ user: 'twin', password: 'low', role: 0x03, privilege: 3 }).say(0x06, 0x3b, [0])).toBe('00 03');
    expect(session({ user: 'twin', password: 'low', role: 0x13, privilege: 3 }).say(0x06, 0x3b, [0])).toBe('00 03');
    expect(refusalOf(() => session({ user: 'twin', password: 'high', role: 0x13 }))).toBe('rakp4: f');
  });

  test('begins as a user and rises as far as it may', () => {
    const { session } = createBench({ users: [{ name: 'admin', password: 'secret' }, { name: 'op', password: 'x', privilegeLevel: 'operator' }] });
    const own = session({ privilege: 0 });
    expect([own.say(0x06, 0x3b, [0]), own.say(0x00, 0x02, [1]), own.say(0x06, 0x3b, [4]), own.say(0x00, 0x02, [1])]).toEqual(['00 02', 'd4', '00 04', '00']);
    const low = session({ role: 0x12, privilege: 0 });
    expect([low.say(0x06, 0x3b, [3]), low.say(0x06, 0x3b, [5]), low.say(0x06, 0x3b, [1])]).toEqual(['81', '80', 'cc']);
    const operator = session({ user: 'op', password: 'x', role: 0x13, privilege: 3 });
    expect([operator.say(0x00, 0x02, [0]), operator.say(0x06, 0x02), operator.say(0x06, 0x3b, [4])]).toEqual(['00', 'd4', '80']);
  });

  test('repeated packets of the handshake get the same answers and count once', () => {
    const { bmc, console } = createBench();
    const peer = console();
    const open = HandConsole.handshakePacket(0x10, HandConsole.openRequest(3, hex('01020304'), 4, 7));
    const first = peer.exchange(open);
    expect(peer.exchange(open)).toEqual(first);
    const rakp1 = HandConsole.handshakePacket(0x12, Buffer.concat([hex('00000000'), first.subarray(24, 28), Buffer.alloc(16, 9), hex('14000005'), Buffer.from('admin')]));
    const second = peer.exchange(rakp1);
    expect(peer.exchange(rakp1)).toEqual(second);
    expect(bmc.activity).toMatchObject({ authenticationAttempts: 1, duplicates: 2, openSessions: 0 });
  });

  test('the open answer names tag, console and algorithms', () => {
    const open = HandConsole.handshakePacket(0x10, HandConsole.openRequest(17, hex('01020304'), 3, 7));
    const answer = createBench().console().exchange(open).toString('hex');
    expect(answer).toMatch(/^0600ff070611000000000000000024000700030001020304[0-9a-f]{8}000000080300000001000008040000000200000801000000$/);
  });

  test('packets for sessions that do not exist are answered in the handshake and dropped after it', () => {
    const { bmc, console, session } = createBench();
    const rakp3 = HandConsole.handshakePacket(0x14, hex('05000000 99999999'));
    expect(console().exchange(rakp3).subarray(16).toString('hex')).toBe('0502000000000000');
    const own = session();
    own.command(0x06, 0x3c, [...own.bmcId]);
    own.console.send(own.packet(...GET_DEVICE_ID));
    expect([own.console.take(), bmc.activity.dropped.session]).toEqual([[], 1]);
  });
});

describe('protection', () => {
  test.each([2, 3, 17] as const)('suite %i: one wrong bit anywhere and the packet is dropped', (suite) => {
    const { bmc, session } = createBench();
    const own = session({ suite });
    const before = bmc.activity.dropped;
    const packet = own.packet(0x00, 0x02, [1]);
    for (let at = 4; at < packet.length; at += 1) {
      const damaged = Buffer.from(packet);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 0x01, at);
      own.console.send(damaged);
    }
    const { dropped, changeCommands } = bmc.activity;
    expect([own.console.take(), bmc.machine.power, changeCommands]).toEqual([[], 'power off', 0]);
    const sum = (counts: object): number => Object.values(counts).reduce((total: number, count: number) => total + count, 0) as number;
    expect(sum(dropped) - sum(before)).toBe(packet.length - 4);
    // The packet itself was not spoiled by them: its number was not taken.
    expect(readAnswer(own.unseal(own.console.exchange(packet)).payload).completionCode).toBe(0);
    expect(bmc.machine.power).toBe('power on');
  });

  test('a packet without the check that the suite asks for is dropped', () => {
    const { bmc, session } = createBench();
    const own = session({ suite: 3 });
    const bare = Buffer.concat([hex('0600ff07 06 00'), own.bmcId, hex('02000000 0800'), request(0x00, 0x02, [1])]);
    own.console.send(bare);
    expect([own.console.take(), bmc.activity.dropped.integrity, bmc.machine.power]).toEqual([[], 1, 'power off']);
  });

  test('a packet that says it has no check is dropped, whatever stands at its end', () => {
    const { bmc, session } = createBench();
    const own = session();
    own.console.send(own.seal(request(0x00, 0x02, [1], 9), own.sequence++, 0, false));
    expect([own.console.take(), bmc.activity.dropped.integrity, bmc.machine.power]).toEqual([[], 1, 'power off']);
  });

  test('a packet is taken once', () => {
    const { bmc, session } = createBench();
    const own = session();
    const packet = own.packet(0x00, 0x02, [1]);
    own.console.exchange(packet);
    own.console.send(packet);
    expect([own.console.take(), bmc.activity.dropped.sequence, bmc.activity.changeCommands]).toEqual([[], 1, 1]);
  });

  test('numbers may skip 15 and come late by 16, no more', () => {
    const { bmc, session } = createBench();
    const own = session();
    const isTaken = (sequence: number): boolean => {
      own.rqSeq += 1;
      own.console.send(own.seal(request(0x06, 0x04, [], own.rqSeq), sequence));
      return own.console.take().length === 1;
    };
    const top = own.sequence - 1;
    expect([top + 16, top + 15, top + 1, top + 1, top - 1, top + 14].map(isTaken)).toEqual([false, true, true, false, false, true]);
    expect([top + 30, top + 30 - 17, top + 30 - 14].map(isTaken)).toEqual([true, false, true]);
    expect(bmc.activity.dropped.sequence).toBe(4);
  });

  test('the BMC numbers its packets from 1, and what is sent twice gets two numbers', () => {
    const { session } = createBench();
    const own = session({ privilege: 0 });
    const ask = (): number => own.unseal(own.console.exchange(own.seal(request(0x06, 0x04, [], 9)))).sequence;
    expect([ask(), ask(), ask()]).toEqual([1, 2, 3]);
  });
});

describe('places for sessions', () => {
  test('the fifth console is told that there is no room, until one leaves', () => {
    const { bmc, session } = createBench();
    const four = [1, 2, 3, 4].map(() => session());
    expect(refusalOf(() => session())).toBe('open: 1');
    expect(bmc.activity.openSessions).toBe(4);
    four[1]?.command(0x06, 0x3c, [...four[1].bmcId]);
    expect(refusalOf(() => session())).toBe('none');
    // The free place has the number of the one that left.
    expect(four[0]?.say(0x06, 0x3d, [0x00]).slice(0, 15)).toBe('00 010404020411');
    expect(four[0]?.say(0x06, 0x3d, [0x02]).slice(0, 5)).toBe('00 03');
  });

  test('who is half in takes none: the last of them is refused at the end', () => {
    const { session, console } = createBench({ sessionLimit: 1 });
    const half = console();
    half.exchange(HandConsole.handshakePacket(0x10, HandConsole.openRequest(3, hex('01020304'))));
    expect(refusalOf(() => session())).toBe('none');
  });

  test('a hundred half-open sessions do not keep anybody out', () => {
    const { console, session } = createBench();
    const peer = console();
    for (let index = 1; index <= 100; index += 1) peer.exchange(HandConsole.handshakePacket(0x10, HandConsole.openRequest(3, Buffer.of(index, 0, 0, 1))));
    expect(refusalOf(() => session())).toBe('none');
  });

  test('a session without a packet for a minute is gone; one with packets is not', async () => {
    const clock = createFakeClock();
    const { bmc, session } = createBench({ clock });
    const [quiet, busy] = [session(), session()];
    for (let round = 0; round < 3; round += 1) {
      await clock.advance(30_000);
      expect(busy.say(0x06, 0x04)).toBe('00 5500');
    }
    expect(bmc.activity.openSessions).toBe(1);
    quiet.console.send(quiet.packet(...GET_DEVICE_ID));
    expect([quiet.console.take(), bmc.activity.dropped.session, bmc.activity.sessionsClosed]).toEqual([[], 1, 0]);
  });

  test('an administrator may close the session of another, by id or handle; others may not', () => {
    const { session } = createBench();
    const [admin, other, third] = [session(), session({ role: 0x12, privilege: 0 }), session()];
    expect(other.say(0x06, 0x3c, [...admin.bmcId])).toBe('d4');
    expect([admin.say(0x06, 0x3c, [...other.bmcId]), admin.say(0x06, 0x3c, [...other.bmcId])]).toEqual(['00', '87']);
    expect([admin.say(0x06, 0x3c, [0, 0, 0, 0, 3]), admin.say(0x06, 0x3c, [0, 0, 0, 0, 3])]).toEqual(['00', '88']);
    third.console.send(third.packet(...GET_DEVICE_ID));
    expect(third.console.take()).toEqual([]);
  });

  test('tells of sessions by index, handle and id', () => {
    const { session } = createBench();
    const [first, second] = [session(), session({ role: 0x12, privilege: 0 })];
    const port = second.console.peer.port;
    const told = `0204020202117f000001000000000000${Buffer.of(port & 0xff, port >> 8).toString('hex')}`;
    expect(first.say(0x06, 0x3d, [0xfe, 2])).toBe(`00 ${told}`);
    expect(first.say(0x06, 0x3d, [0xff, ...second.bmcId])).toBe(`00 ${told}`);
    expect(first.say(0x06, 0x3d, [0x03])).toBe('00 000402');
  });
});

describe('a request that comes again', () => {
  const again = (repeatedRequests: 'answer' | 'carry out' | 'refuse'): readonly [string, string, number, number] => {
    const { bmc, session } = createBench({ repeatedRequests, power: 'power on' });
    const own = session();
    const reset = request(0x00, 0x02, [3], 40);
    const answers = [own.seal(reset), own.seal(reset)].map((packet) => readAnswer(own.unseal(own.console.exchange(packet)).payload));
    const [first, second] = answers.map(({ completionCode, sequence }) => `${completionCode.toString(16)} ${sequence}`);
    return [first ?? '', second ?? '', bmc.machine.powerCommands, bmc.activity.duplicates];
  };

  test('is answered from memory, carried out again, or refused', () => {
    expect(again('answer')).toEqual(['0 40', '0 40', 1, 1]);
    expect(again('carry out')).toEqual(['0 40', '0 40', 2, 1]);
    expect(again('refuse')).toEqual(['0 40', 'cf 40', 1, 1]);
  });

  test('is a new one with other data, after eight others, and after five seconds', async () => {
    const clock = createFakeClock();
    const { bmc, session } = createBench({ clock, power: 'power on' });
    const own = session();
    const send = (message: Buffer): void => void own.console.exchange(own.seal(message));
    const reset = request(0x00, 0x02, [3], 40);
    send(reset);
    send(request(0x00, 0x02, [4], 40));
    expect([bmc.machine.powerCommands, bmc.machine.diagnosticInterrupts]).toEqual([2, 1]);
    for (let index = 0; index < 8; index += 1) send(request(0x06, 0x04, [], index));
    send(reset);
    expect(bmc.machine.powerCommands).toBe(3);
    await clock.advance(5000);
    send(reset);
    expect(bmc.machine.powerCommands).toBe(4);
  });
});

test('a reset of the BMC ends all sessions after its answer, and it is away for a while', async () => {
  const clock = createFakeClock();
  const { bmc, session, console } = createBench({ clock, restartMs: 500, power: 'power on' });
  const [own] = [session(), session()];
  expect(own.say(0x06, 0x02)).toBe('00');
  expect([bmc.activity.openSessions, bmc.machine.power]).toEqual([0, 'power on']);
  const peer = console();
  peer.send(PING);
  expect(peer.take()).toEqual([]);
  await clock.advance(500);
  peer.send(PING);
  expect(peer.take()).toHaveLength(1);
});

test('the port that it listens on is told where serial over LAN asks for it', () => {
  expect(createBench().session().say(0x0c, 0x22, '01080000')).toBe(`00 11${Buffer.of(BENCH_PORT & 0xff, BENCH_PORT >> 8).toString('hex')}`);
});
