import { createFakeClock, type FakeClock } from '@ferric/core/testing';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { createVirtualNodeManager, discoveryRecord, type VirtualNodeManager } from './virtual-node-manager.js';

// A Wednesday.
const NOW = new Date('2016-02-03T20:13:52Z');
const SET = 'c1 570100 10 0b 10 00 fa00 10270000 2c01 204e';

let clock: FakeClock;
let nodeManager: VirtualNodeManager;

beforeEach(() => {
  clock = createFakeClock(NOW);
  nodeManager = createVirtualNodeManager({ clock });
});

const bytesOf = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** Completion code and data of the answer to a command, as hexadecimal digits. */
function ask(text: string, netFn = 0x2e): string {
  const [command = 0, ...data] = bytesOf(text);
  const { completionCode, data: answer } = nodeManager.handle({ netFn, lun: 0, command, data: Uint8Array.from(data) }) ?? expect.fail('no answer');
  return Buffer.from([completionCode, ...answer]).toString('hex');
}

const hex = (text: string): string => text.replaceAll(' ', '');

// Expected bytes: exchanged by ipmitool with OpenIPMI's ipmi_sim and a plug-in of its own, and the examples of ironic-staging-drivers.
describe('the worked examples', () => {
  test('version and capabilities', () => {
    expect(ask('ca 570100')).toBe(hex('00 570100 05 03 07 01 02'));
    expect(ask('c9 570100 00 10')).toBe(hex('00 570100 10 0010 6400 0a000000 a0860100 6400 0080 00'));
    expect(ask('c9 570100 01 90')).toBe(hex('00 570100 10 0010 6400 0a000000 a0860100 6400 0080 81'));
  });

  test('a policy is kept as it was set, disabled and removed', () => {
    expect(ask(SET)).toBe('00570100');
    expect(ask('c2 570100 00 0b')).toBe(hex('00 570100 70 10 00 fa00 10270000 2c01 204e'));
    expect(ask('c0 570100 04 00 0b')).toBe('00570100');
    expect(ask('c2 570100 00 0b').slice(0, 10)).toBe('0057010060');
    expect(ask(`c1 570100 00 0b ${'00'.repeat(12)}`)).toBe('00570100');
    expect(ask('c2 570100 00 0b')).toBe('80570100');
  });

  test('suspend periods', () => {
    ask(SET);
    expect(ask('c6 570100 00 0b')).toBe('0057010000');
    expect(ask('c5 570100 00 0b 02 146403 1e9650')).toBe('00570100');
    expect(ask('c6 570100 00 0b')).toBe(hex('00 570100 02 146403 1e9650'));
    expect(ask('c5 570100 00 0b 00')).toBe('00570100');
    expect(ask('c6 570100 00 0b')).toBe('0057010000');
  });

  test('statistics', () => {
    ask(SET);
    expect(ask('c8 570100 01 00 00')).toBe(hex('00 570100 ca00 9600 f000 c800 805fb256 4d080000 f0'));
  });

  test('a boot policy', () => {
    expect(ask('c1 570100 10 7b 14 00 0400 00000000 0000 5802')).toBe('00570100');
    expect(ask('c2 570100 00 7b')).toBe(hex('00 570100 70 14 00 0400 00000000 0000 5802'));
  });

  test('the record that tells where it is', () => {
    expect(Buffer.from(discoveryRecord({ slaveAddress: 0x2c, channel: 0 })).toString('hex')).toBe(hex('0000 51 c0 0b 570100 0d01 2c 00 18191a1b'));
    expect(Buffer.from(discoveryRecord({ slaveAddress: 0x88, channel: 6 })).toString('hex')).toBe(hex('0000 51 c0 0b 570100 0d01 88 60 18191a1b'));
  });
});

describe('what is enabled', () => {
  test('as a whole and by domain shows on every policy', () => {
    ask(SET);
    ask('c0 570100 00 00 00');
    ask('c0 570100 02 00 00');
    expect([nodeManager.globalEnabled, nodeManager.domainEnabled(0), nodeManager.domainEnabled(1)]).toEqual([false, false, true]);
    expect(ask('c2 570100 00 0b').slice(8, 10)).toBe('10');
    expect(ask('c8 570100 01 00 00').slice(-2)).toBe('60');
    ask('c0 570100 01 00 00');
    ask('c0 570100 03 00 00');
    expect(ask('c2 570100 00 0b').slice(8, 10)).toBe('70');
  });

  test('a policy that rests is not active', async () => {
    ask(SET);
    const state = (): string => ask('c8 570100 11 00 0b').slice(-2);
    expect(state()).toBe('f0');
    // Wednesday, 20:12 to 20:18.
    ask('c5 570100 00 0b 01 ca cb 04');
    expect(state()).toBe('70');
    await clock.advance(5 * 60_000);
    expect(state()).toBe('f0');
    ask('c5 570100 00 0b 01 ca f0 03');
    expect(state()).toBe('f0');
  });

  test('a policy that is set again keeps its periods', () => {
    ask(SET);
    ask('c5 570100 00 0b 01 146403');
    ask(SET.replace('fa00', '2c01'));
    expect(ask('c6 570100 00 0b')).toBe(hex('00 570100 01 146403'));
    expect(ask('c2 570100 00 0b')).toContain('2c01');
  });
});

describe('statistics', () => {
  test('follow what is measured, each by itself', async () => {
    nodeManager.measure(1, 0, 0, 300);
    await clock.advance(10_000);
    expect(ask('c8 570100 01 00 00')).toBe(hex('00 570100 2c01 9600 2c01 fa00 8a5fb256 57080000 70'));
    expect(ask('c8 570100 01 01 00')).toBe(hex('00 570100 ca00 9600 f000 c800 8a5fb256 57080000 71'));
  });

  test('a reset begins anew what was named, and nothing else', async () => {
    ask(SET);
    await clock.advance(1000);
    expect(ask('c7 570100 00 00 00')).toBe('00570100');
    expect(ask('c8 570100 01 00 00')).toBe(hex('00 570100 ca00 ca00 ca00 ca00 815fb256 00000000 f0'));
    expect(ask('c8 570100 02 00 00')).toContain(hex('ca00 ca00 ca00 ca00'));
    for (const other of ['11 00 0b', '1b 00 00', '01 01 00']) expect(ask(`c8 570100 ${other}`)).toContain(hex('ca00 9600 f000 c800'));
    ask('c7 570100 01 00 0b');
    expect(ask('c8 570100 13 00 0b')).toContain(hex('ca00 ca00 ca00 ca00'));
    ask('c7 570100 1c 00 00');
    expect(ask('c8 570100 1c 00 00')).toContain(hex('ca00 ca00 ca00 ca00'));
    expect(ask('c8 570100 1b 00 00')).toContain(hex('ca00 9600 f000 c800'));
  });

  test('a clock that was never set tells no time', () => {
    nodeManager = createVirtualNodeManager({ clock, clockIsSet: false });
    expect(ask('c8 570100 01 00 00').slice(24, 32)).toBe('ffffffff');
  });
});

describe('what it declines', () => {
  test.each([
    ['another network function', '06', 'ca 570100', 'c1'],
    ['another manufacturer', '2e', 'ca 580100', 'c1'],
    ['a command that is not there', '2e', 'd0 570100', 'c1'],
    ['half a command', '2e', 'c2 570100 00', 'c7'],
    ['a policy that is not there', '2e', 'c2 570100 00 0c', '80'],
    ['a domain that is not there', '2e', 'c2 570100 05 0b', '81'],
    ['the domain protection', '2e', 'c2 570100 03 0b', '81'],
    ['control with unknown flags', '2e', 'c0 570100 06 00 00', 'cc'],
    ['control of a policy that is not there', '2e', 'c0 570100 05 00 0c', '80'],
    ['removal of a policy that is not there', '2e', `c1 570100 00 0c ${'00'.repeat(12)}`, '80'],
    ['an unknown trigger', '2e', SET.replace('0b 10', '0c 15'), '82'],
    ['a limit too low', '2e', SET.replace('fa00', '6300'), '84'],
    ['a limit too high', '2e', SET.replace('fa00', '0110'), '84'],
    ['more than 100 percent', '2e', 'c1 570100 10 0b 12 00 6500 10270000 2c01 204e', '84'],
    ['a correction time too short', '2e', SET.replace('10270000', '09000000'), '85'],
    ['a correction time too long', '2e', SET.replace('10270000', 'a1860100'), '85'],
    ['a trigger without a limit', '2e', 'c1 570100 10 0b 11 00 fa00 10270000 0000 204e', '86'],
    ['a reporting period too short', '2e', SET.replace('204e', '6300'), '89'],
    ['two corrections', '2e', 'c1 570100 10 0b 70 00 fa00 10270000 2c01 204e', '8b'],
    ['a correction of memory', '2e', 'c1 570100 12 0b 50 00 fa00 10270000 2c01 204e', '8b'],
    ['capabilities of an unknown type', '2e', 'c9 570100 00 00', '83'],
    ['capabilities of an unknown trigger', '2e', 'c9 570100 00 15', '82'],
    ['an unknown mode', '2e', 'c8 570100 07 00 00', '88'],
    ['an unknown mode of reset', '2e', 'c7 570100 02 00 00', '88'],
    ['statistics of a policy that is not there', '2e', 'c8 570100 11 00 0c', '80'],
    ['six periods', '2e', `c5 570100 00 0b 06 ${'000101'.repeat(6)}`, '87'],
    ['fewer periods than told', '2e', 'c5 570100 00 0b 02 000101', 'c7'],
    ['a period that ends before it starts', '2e', 'c5 570100 00 0b 01 020101', '85'],
    ['a period of no day', '2e', 'c5 570100 00 0b 01 010200', '85'],
  ])('%s', (_name, netFn, text, completionCode) => {
    ask(SET);
    const before = JSON.stringify(nodeManager.policies);
    expect(ask(text, Number.parseInt(netFn, 16)).slice(0, 2)).toBe(completionCode);
    expect(JSON.stringify(nodeManager.policies)).toBe(before);
  });

  test('more policies than it has room for', () => {
    for (let id = 0; id < 16; id += 1) expect(ask(`c1 570100 10 ${id.toString(16).padStart(2, '0')} 10 00 fa00 10270000 2c01 204e`)).toBe('00570100');
    expect(ask('c1 570100 10 20 10 00 fa00 10270000 2c01 204e')).toBe('c4570100');
    expect(ask('c1 570100 10 00 10 00 fa00 10270000 2c01 204e')).toBe('00570100');
  });
});

test('counts what would change something, and can be begun anew', () => {
  ask(SET);
  ask('c2 570100 00 0b');
  ask('c0 570100 06 00 00');
  expect([nodeManager.changeCommands, nodeManager.policies.length]).toEqual([2, 1]);
  nodeManager.restart();
  expect(nodeManager.policies).toEqual([]);
});

test('answers whatever it is asked', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0xc0, max: 0xca }), fc.uint8Array({ maxLength: 40 }), (command, body) => {
      const { completionCode, data } = nodeManager.handle({ netFn: 0x2e, lun: 0, command, data: Uint8Array.of(0x57, 0x01, 0x00, ...body) }) ?? expect.fail('no answer');
      expect(completionCode).toBeLessThan(256);
      expect(data.length).toBeLessThan(64);
    }),
  );
});
