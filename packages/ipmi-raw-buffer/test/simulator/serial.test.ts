import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createLoginLine, type VirtualSerialLine } from '../../src/simulator/index.js';
import { createBench, type HandSession, hex } from './hand-console.js';

/** A line whose machine is the test. */
interface TestLine extends VirtualSerialLine {
  print(text: string): void;
  readonly typed: string[];
  breaks: number;
  /** How many bytes it takes of each packet. */
  takes: number;
  readonly listeners: Set<(bytes: Uint8Array) => void>;
}

function createTestLine(): TestLine {
  const listeners = new Set<(bytes: Uint8Array) => void>();
  return {
    typed: [],
    breaks: 0,
    takes: Number.POSITIVE_INFINITY,
    listeners,
    write(bytes) {
      const taken = bytes.subarray(0, this.takes);
      this.typed.push(Buffer.from(taken).toString('latin1'));
      return taken.length;
    },
    sendBreak() {
      this.breaks += 1;
    },
    onOutput(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    print(text) {
      for (const listener of listeners) listener(Buffer.from(text, 'latin1'));
    },
  };
}

const ACTIVATE = '0101c6000000';

/** Packets of serial data that came, as hexadecimal digits of their heads and the text in them. */
function heard(session: HandSession): readonly string[] {
  return session.console.take().map((datagram) => {
    const { payloadType, payload } = session.unseal(datagram);
    return payloadType === 1 ? `${payload.subarray(0, 4).toString('hex')} ${payload.subarray(4).toString('latin1')}`.trim() : `message ${payload.subarray(5, 7).toString('hex')}`;
  });
}

/** Sends a packet of serial data and yields what came back. */
function type(session: HandSession, head: string, text = ''): readonly string[] {
  session.console.send(session.seal(Buffer.concat([hex(head), Buffer.from(text, 'latin1')]), session.sequence++, 1));
  return heard(session);
}

describe('serial over LAN', () => {
  const start = (options = {}): { line: TestLine; session: HandSession } & ReturnType<typeof createBench> => {
    const line = createTestLine();
    const bench = createBench({ serialLine: line, ...options });
    const session = bench.session();
    expect(session.say(0x06, 0x48, ACTIVATE)).toBe('00 00000000ff00ff006f02ffff');
    return { ...bench, line, session: session as HandSession & typeof bench.session };
  };

  test('what is typed reaches the machine, once, and is acknowledged', () => {
    const { line, session } = start();
    expect(type(session, '01000000', 'hello\r')).toEqual(['00010600']);
    expect(type(session, '01000000', 'hello\r')).toEqual(['00010600']);
    expect(type(session, '02000000', 'x')).toEqual(['00020100']);
    expect(line.typed).toEqual(['hello\r', 'x']);
    expect(type(session, '00010600')).toEqual([]);
  });

  test('what the machine prints is sent one packet after the other', () => {
    const { line, session } = start();
    line.print('one');
    expect(heard(session)).toEqual(['01000000 one']);
    line.print('two');
    line.print('three');
    expect(heard(session)).toEqual([]);
    expect(type(session, '00010300')).toEqual(['02000000 twothree']);
    expect(type(session, '00010300')).toEqual([]);
    expect(type(session, '00020800')).toEqual([]);
    line.print('four');
    expect(heard(session)).toEqual(['03000000 four']);
  });

  test('numbers go from 1 to 15 and begin anew', () => {
    const { line, session } = start();
    const numbers = Array.from({ length: 17 }, () => {
      line.print('x');
      const [packet = ''] = heard(session);
      type(session, `00${packet.slice(0, 2)}0100`);
      return Number.parseInt(packet.slice(0, 2), 16);
    });
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 1, 2]);
  });

  test('an acknowledgement rides on what the machine prints at once', () => {
    const { line, session } = start();
    line.write = (bytes) => {
      line.print(`echo ${Buffer.from(bytes).toString('latin1')}`);
      return bytes.length;
    };
    expect(type(session, '01000000', 'hi')).toEqual(['01010200 echo hi']);
  });

  test('what the console did not take comes again under a new number', () => {
    const { line, session } = start();
    line.print('abcdef');
    expect(heard(session)).toEqual(['01000000 abcdef']);
    expect(type(session, '00010240')).toEqual(['02000000 cdef']);
    expect(type(session, '00020008')).toEqual([]);
    expect(type(session, '00000000')).toEqual(['03000000 cdef']);
    expect(type(session, '00030400')).toEqual([]);
  });

  test('what the line does not take is told, with a refusal', () => {
    const { line, session } = start();
    line.takes = 2;
    expect(type(session, '01000000', 'abc')).toEqual(['00010240']);
    expect(type(session, '01000000', 'abc')).toEqual(['00010240']);
    expect(type(session, '02000000', 'c')).toEqual(['00020100']);
    expect(line.typed).toEqual(['ab', 'c']);
  });

  test('a break reaches the machine; a flush empties what waits', () => {
    const { line, session } = start();
    expect([type(session, '01000010'), line.breaks]).toEqual([['00010000'], 1]);
    line.print('seen');
    expect(heard(session)).toEqual(['01000000 seen']);
    line.print('lost');
    expect(type(session, '00010401')).toEqual([]);
  });

  test('long output is cut into packets of 251 characters', () => {
    const { line, session } = start();
    line.print('x'.repeat(300));
    const [first = ''] = heard(session);
    expect(first.length - 9).toBe(251);
    expect(type(session, '0001fb00')).toEqual([`02000000 ${'x'.repeat(49)}`]);
  });

  test('what is not acknowledged is repeated as often as the parameters say, then dropped', async () => {
    const clock = createFakeClock();
    const { line, session } = start({ clock });
    expect(session.say(0x0c, 0x21, '0104 02 0a')).toBe('00');
    line.print('lost');
    line.print('next');
    expect(heard(session)).toEqual(['01000000 lost']);
    await clock.advance(99);
    expect(heard(session)).toEqual([]);
    await clock.advance(1);
    expect(heard(session)).toEqual(['01000000 lost']);
    await clock.advance(100);
    expect(heard(session)).toEqual(['01000000 lost']);
    await clock.advance(100);
    expect(heard(session)).toEqual(['02000000 next']);
  });

  test('belongs to one console at a time', () => {
    const { line, session: first, bmc, console } = start();
    const second = console().open();
    expect(second.say(0x06, 0x48, ACTIVATE)).toBe('80');
    expect([second.say(0x06, 0x4a, [1]), second.say(0x06, 0x4b, [1, 1]).slice(0, 11)]).toEqual(['00 010100', `00 ${first.bmcId.toString('hex')}`]);
    expect(type(second, '01000000', 'mine')).toEqual([]);
    // Anybody may end it, and the one who had it is told.
    expect(second.say(0x06, 0x49, '010100000000')).toBe('00');
    expect([heard(first), line.listeners.size]).toEqual([['00000010'], 0]);
    expect([second.say(0x06, 0x49, '010100000000'), second.say(0x06, 0x4a, [1])]).toEqual(['80', '00 010000']);
    expect(second.say(0x06, 0x48, ACTIVATE).slice(0, 2)).toBe('00');
    line.print('for the second');
    expect([heard(first), heard(second)]).toEqual([[], ['01000000 for the second']]);
    second.command(0x06, 0x3c, [...second.bmcId]);
    expect([bmc.serial.session, line.listeners.size]).toEqual([undefined, 0]);
  });

  test('the console that ends it is told before the answer', () => {
    const { session } = start();
    session.console.send(session.packet(0x06, 0x49, [...hex('010100000000')]));
    expect(heard(session)).toEqual(['00000010', 'message 4900']);
  });

  test('ends with its session, and leaves no timer', async () => {
    const clock = createFakeClock();
    const { bmc, line, session } = start({ clock });
    line.print('x');
    expect(heard(session)).toHaveLength(1);
    await clock.advance(60_000);
    expect([bmc.activity.openSessions, line.listeners.size, clock.pendingTimers]).toEqual([0, 0, 0]);
  });

  test('is not there where there is no line, and not without its protection', () => {
    expect(createBench({ serialLine: null }).session().say(0x06, 0x48, ACTIVATE)).toBe('81');
    const plain = createBench({ serialLine: createTestLine() }).session({ suite: 2 });
    expect([plain.say(0x06, 0x48, ACTIVATE), plain.say(0x06, 0x48, '010146000000').slice(0, 2)]).toEqual(['83', '00']);
    const own = createBench().session();
    expect([own.say(0x06, 0x48, '0102c6000000'), own.say(0x06, 0x48, '0201c6000000'), own.say(0x06, 0x48, '0101')]).toEqual(['82', 'cc', 'c7']);
    expect([own.say(0x06, 0x4e, [0x0e]), own.say(0x06, 0x4f, '0101'), own.say(0x06, 0x4f, '0102'), own.say(0x06, 0x4d, '0102')]).toEqual([
      '00 03003f0000000000', '00 10', '80', '00 02000000',
    ]);
  });

  test('goes out unencrypted where the console asked for that', () => {
    const line = createTestLine();
    const { session } = createBench({ serialLine: line });
    const own = session();
    own.say(0x06, 0x48, '010146000000');
    line.print('open');
    const [datagram = Buffer.alloc(0)] = own.console.take();
    expect([datagram.readUInt8(5), datagram.includes('open'), own.unseal(datagram).payload.subarray(4).toString()]).toEqual([0x41, true, 'open']);
  });

  test('parameters', () => {
    const own = createBench().session();
    expect([own.say(0x0c, 0x22, '01010000'), own.say(0x0c, 0x22, '01030000'), own.say(0x0c, 0x22, '01070000'), own.say(0x0c, 0x22, '81000000')]).toEqual(['00 1101', '00 110afb', '00 1101', '00 11']);
    expect([own.say(0x0c, 0x22, '01090000'), own.say(0x0c, 0x21, '010800'), own.say(0x0c, 0x21, '010900'), own.say(0x0c, 0x21, '010301'), own.say(0x0c, 0x21, '0301 00')]).toEqual(['80', '82', '80', 'c7', 'cc']);
    expect([own.say(0x0c, 0x21, '010606'), own.say(0x0c, 0x22, '01060000'), own.say(0x0c, 0x21, '010001'), own.say(0x0c, 0x21, '010002'), own.say(0x0c, 0x22, '01000000')]).toEqual([
      '00', '00 1106', '00', '00', '00 1100',
    ]);
  });
});

test('the line that is there by default asks for a name and answers', () => {
  const line = createLoginLine({ hostname: 'host' });
  let shown = '';
  using _listening = line.onOutput((bytes) => (shown += Buffer.from(bytes).toString('latin1')));
  const enter = (text: string): string => {
    shown = '';
    expect(line.write(Buffer.from(text, 'latin1'))).toBe(text.length);
    return shown;
  };
  expect(shown).toBe('\r\nhost login: ');
  expect(enter('\r')).toBe('\r\nhost login: ');
  expect(enter('roox\x7ft\r\n')).toBe('roox\b \bt\r\nWelcome, root.\r\n$ ');
  expect([enter('hi\r'), enter('\r'), enter('\b')]).toEqual(['hi\r\nyou said: hi\r\n$ ', '\r\n$ ', '']);
  expect(enter('exit\r')).toBe('exit\r\nhost login: ');
  expect(enter('x'.repeat(500)).length).toBe(200);
  shown = '';
  line.sendBreak?.();
  expect(shown).toBe('[break]');
});
