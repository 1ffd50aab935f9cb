import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { BMC_FAULT_KINDS } from '../../src/simulator/index.js';
import { type Bench, createBench, HandConsole, type HandSession, hex, readAnswer, Refused, request } from './hand-console.js';

const bench = (): Bench & { own: HandSession } => {
  const made = createBench();
  return { ...made, own: made.session() };
};

test('a fault can be taken back, and counts the exchanges it spoils', () => {
  const { bmc, own } = bench();
  bmc.faults.inject({ kind: 'silence', times: 2 });
  const answers = [1, 2, 3].map(() => {
    own.console.send(own.packet(0x06, 0x04));
    return own.console.take().length;
  });
  expect(answers).toEqual([0, 0, 1]);
  bmc.faults.inject({ kind: 'busy' });
  bmc.faults.clear();
  expect(own.say(0x06, 0x04)).toBe('00 5500');
});

test('a word that nobody knows is refused', () => {
  const { bmc } = bench();
  expect([...bmc.faults.supported]).toEqual(Object.keys(BMC_FAULT_KINDS));
  expect(() => bmc.faults.inject({ kind: 'earthquake' as 'silence' })).toThrow('kind must be one of silence');
});

test('silence: it acts and says nothing', () => {
  const { bmc, own } = bench();
  bmc.faults.inject({ kind: 'silence', times: 1 });
  const packet = request(0x00, 0x02, [1], 50);
  own.console.send(own.seal(packet));
  expect([own.console.take(), bmc.machine.power, bmc.activity.changeCommands]).toEqual([[], 'power on', 1]);
  // The repetition is answered from memory and changes nothing.
  expect(readAnswer(own.unseal(own.console.exchange(own.seal(packet))).payload).completionCode).toBe(0);
  expect(bmc.activity.changeCommands).toBe(1);
});

test('half frame: the first half of the answer', () => {
  const { bmc, own } = bench();
  const whole = own.console.exchange(own.packet(0x06, 0x01));
  bmc.faults.inject({ kind: 'half frame', times: 1 });
  const half = own.console.exchange(own.packet(0x06, 0x01));
  expect([half.length, half.subarray(0, 10)]).toEqual([whole.length / 2, whole.subarray(0, 10)]);
});

test('garbage: bytes of no protocol', () => {
  const { bmc, own } = bench();
  bmc.faults.inject({ kind: 'garbage', times: 2 });
  const [first, second] = [own.console.exchange(own.packet(0x06, 0x01)), own.console.exchange(own.packet(0x06, 0x01))];
  expect([first.length, first.equals(second)]).toEqual([48, false]);
});

test('slow: the answer comes late, and exchanges overlap', async () => {
  const clock = createFakeClock();
  const { bmc, session } = createBench({ clock });
  const own = session();
  bmc.faults.inject({ kind: 'slow', delayMs: 250 });
  own.console.send(own.packet(0x06, 0x04));
  own.console.send(own.packet(0x06, 0x04));
  await clock.advance(249);
  expect([own.console.take(), bmc.activity.mostConcurrentExchanges]).toEqual([[], 2]);
  await clock.advance(1);
  expect(own.console.take()).toHaveLength(2);
  own.console.send(own.packet(0x06, 0x04));
  bmc[Symbol.dispose]();
  expect(clock.pendingTimers).toBe(0);
});

test('busy: no room for sessions, none for commands', () => {
  const { bmc, own, console } = bench();
  bmc.faults.inject({ kind: 'busy' });
  expect([own.say(0x06, 0x01), own.say(0x00, 0x02, [1]), bmc.machine.power]).toEqual(['c0', 'c0', 'power off']);
  const refused = (): unknown => console().open();
  expect(refused).toThrow(Refused);
  expect(refused).toThrow('open: 1');
  // A session can be closed all the same.
  expect(own.say(0x06, 0x3c, [...own.bmcId])).toBe('00');
});

test('wrong state: it says yes and does not do it', () => {
  const { bmc, own } = bench();
  bmc.faults.inject({ kind: 'wrong state', times: 1 });
  // What changes nothing neither shows nor uses up the fault.
  expect(own.say(0x00, 0x01)).toBe('00 200040f0');
  expect([own.say(0x00, 0x02, [1]), bmc.machine.power, bmc.activity.changeCommands]).toEqual(['00', 'power off', 1]);
  expect([own.say(0x00, 0x02, [1]), bmc.machine.power]).toEqual(['00', 'power on']);
});

test('command failure: understood and failed', () => {
  const { bmc, own, session } = bench();
  bmc.faults.inject({ kind: 'command failure' });
  expect([own.say(0x00, 0x01), own.say(0x00, 0x02, [1]), bmc.machine.power]).toEqual(['ff', 'ff', 'power off']);
  expect(session().suite).toBe(3);
});

test('lost answer: each request has to come twice', () => {
  const { bmc, own, console } = bench();
  bmc.faults.inject({ kind: 'lost answer' });
  const message = request(0x00, 0x02, [1], 44);
  own.console.send(own.seal(message));
  expect([own.console.take(), bmc.machine.power]).toEqual([[], 'power on']);
  expect(readAnswer(own.unseal(own.console.exchange(own.seal(message))).payload).completionCode).toBe(0);
  const peer = console();
  const open = HandConsole.handshakePacket(0x10, HandConsole.openRequest(3, hex('01020304')));
  peer.send(open);
  expect(peer.take()).toEqual([]);
  expect(peer.exchange(open).readUInt8(17)).toBe(0);
});

test('duplicate answer: the same packet twice', () => {
  const { bmc, own } = bench();
  bmc.faults.inject({ kind: 'duplicate answer', times: 1 });
  own.console.send(own.packet(0x06, 0x04));
  const [first, second, ...more] = own.console.take();
  expect([first?.equals(second ?? Buffer.alloc(0)), more]).toEqual([true, []]);
});

test('reordered: an answer comes after the next one', () => {
  const { bmc, own } = bench();
  bmc.faults.inject({ kind: 'reordered' });
  own.console.send(own.packet(0x06, 0x04));
  expect(own.console.take()).toEqual([]);
  own.console.send(own.packet(0x06, 0x01));
  const packets = own.console.take().map((datagram) => own.unseal(datagram));
  expect(packets.map(({ payload }) => readAnswer(payload).command)).toEqual([0x01, 0x04]);
  expect(packets.map(({ sequence }) => sequence)).toEqual([3, 2]);
});

test('forged answer: the right form, the wrong content, and a check that does not fit', () => {
  const { bmc, own, console } = bench();
  bmc.faults.inject({ kind: 'forged answer' });
  own.console.send(own.packet(0x00, 0x01));
  const [forged = Buffer.alloc(0), answer = Buffer.alloc(0)] = own.console.take();
  expect(forged.subarray(0, 16)).toEqual(answer.subarray(0, 16));
  expect(() => own.unseal(forged)).toThrow('integrity');
  expect(readAnswer(own.unseal(answer).payload).data).toBe('200040f0');
  // Without encryption it can be seen: a sound message that says the machine's buttons are something else.
  const plain = console();
  bmc.faults.clear();
  const readable = plain.open({ suite: 2 });
  bmc.faults.inject({ kind: 'forged answer' });
  plain.send(readable.packet(0x00, 0x01));
  const [visible = Buffer.alloc(0)] = plain.take();
  expect(readAnswer(visible.subarray(16, 16 + visible.readUInt16LE(14)))).toMatchObject({ netFn: 0x01, command: 0x01, completionCode: 0, data: '200040f1' });
  const peer = console();
  peer.send(HandConsole.handshakePacket(0x10, HandConsole.openRequest(3, hex('01020304'), 0, 9)));
  expect(peer.take().map((datagram) => datagram.readUInt8(16))).toEqual([9 ^ 0x55, 9]);
  // Without a check nothing would tell the forgery apart, so there is none.
  bmc.faults.clear();
  const open = console().open({ suite: 1 });
  bmc.faults.inject({ kind: 'forged answer' });
  expect(open.say(0x00, 0x01)).toBe('00 200040f0');
});

test('wrong checksum: in a packet that is authentic', () => {
  const { bmc, own } = bench();
  bmc.faults.inject({ kind: 'wrong checksum', times: 1 });
  const { payload } = own.unseal(own.console.exchange(own.packet(0x00, 0x01)));
  expect(() => readAnswer(payload)).toThrow('checksum');
  expect(own.say(0x00, 0x01)).toBe('00 200040f0');
});

describe('session lost', () => {
  test('before the command is carried out', () => {
    const { bmc, own, session } = bench();
    bmc.faults.inject({ kind: 'session lost', times: 1 });
    own.console.send(own.packet(0x00, 0x02, [1]));
    expect([own.console.take(), bmc.machine.power, bmc.activity.openSessions, bmc.activity.changeCommands]).toEqual([[], 'power off', 0, 0]);
    expect(session().say(0x00, 0x02, [1])).toBe('00');
  });

  test('while the machine prints', () => {
    const { bmc, own } = bench();
    own.console.send(own.packet(0x06, 0x48, [...hex('0101c6000000')]));
    // The answer, and the prompt of the machine.
    expect(own.console.take()).toHaveLength(2);
    bmc.faults.inject({ kind: 'session lost', times: 1 });
    own.console.send(own.seal(hex('0101ff0061'), own.sequence++, 1));
    expect([own.console.take(), bmc.activity.openSessions]).toEqual([[], 0]);
  });
});
