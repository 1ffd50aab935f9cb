import { describe, expect, test } from 'vitest';
import { INITIAL_SOL, type SolEffect, type SolEvent, type SolSettings, type SolState, stepSol } from '../../src/sol/engine.js';
import { decodeBmcPacket, encodeConsolePacket } from '../../src/sol/packet.js';
import { bytes } from '../commands/scripted-bmc.js';

const SETTINGS: SolSettings = { maximumCharacters: 10, retryIntervalMs: 500, tries: 3, unreadLimitBytes: 40 };

/** An engine whose effects are written down: `> 01 00 00 00 41` for a packet, `"text"` for what is delivered. */
function createEngine(settings: SolSettings = SETTINGS): { readonly step: (event: SolEvent) => string[]; readonly hear: (hex: string) => string[] } {
  let state: SolState = INITIAL_SOL;
  const step = (event: SolEvent): string[] => {
    const next = stepSol(state, event, settings);
    state = next.state;
    return next.effects.map(print);
  };
  return { step, hear: (hex) => step({ type: 'packet', packet: decodeBmcPacket(bytes(hex)) }) };
}

function print(effect: SolEffect): string {
  if (effect.type === 'send') return `> ${Buffer.from(encodeConsolePacket(effect.packet)).toString('hex').match(/../g)?.join(' ')}`;
  if (effect.type === 'deliver') return JSON.stringify(Buffer.from(effect.characters).toString('latin1'));
  if (effect.type === 'timer') return effect.ms === null ? 'stop' : `wait ${effect.ms}`;
  return effect.type === 'done' ? `done ${effect.id}` : effect.type;
}

const write = (id: number, characters: string): SolEvent => ({ type: 'add', job: { id, kind: 'characters', rest: Buffer.from(characters, 'latin1') } });
const sendBreak = (id: number): SolEvent => ({ type: 'add', job: { id, kind: 'break' } });
const hex = (characters: string): string => Buffer.from(characters, 'latin1').toString('hex').match(/../g)?.join(' ') ?? '';

test('the session that ipmitool had with go-ipmi', () => {
  const { step, hear } = createEngine();
  expect(hear('01 00 00 00 6c 6f 67 69 6e 3a 20')).toEqual(['"login: "', '> 00 01 07 00']);
  expect(hear('00 00 00 00')).toEqual([]);
  expect(step(write(1, 'hello\r'))).toEqual(['> 01 00 00 00 68 65 6c 6c 6f 0d', 'wait 500']);
  expect(hear('00 01 06 00')).toEqual(['done 1', 'stop']);
  expect(hear('03 01 06 00 68 65 6c 6c 6f 0d 0a')).toEqual(['"hello\\r\\n"', '> 00 03 07 00']);
  expect(step(sendBreak(2))).toEqual(['> 02 00 00 10', 'wait 500']);
  expect(hear('00 02 00 00')).toEqual(['done 2', 'stop']);
  expect(step(write(3, '\r'))).toEqual(['> 03 00 00 00 0d', 'wait 500']);
  expect(hear('04 03 01 00 0d 0a')).toEqual(['"\\r\\n"', '> 00 04 02 00', 'done 3', 'stop']);
  expect(step(write(4, '\r'))).toEqual(['> 04 00 00 00 0d', 'wait 500']);
  expect(hear('00 04 01 10')).toEqual(['done 4', 'deactivated']);
});

describe('sending', () => {
  test('one packet at a time; what waits goes out together, as much as fits', () => {
    const { step, hear } = createEngine();
    step(write(1, 'a'));
    expect(step(write(2, 'bcd'))).toEqual([]);
    expect(step(write(3, 'efghijklmnop'))).toEqual([]);
    expect(hear('00 01 01 00')).toEqual(['done 1', 'stop', `> 02 00 00 00 ${hex('bcdefghijk')}`, 'wait 500']);
    expect(hear('00 02 0a 00')).toEqual(['done 2', 'stop', `> 03 00 00 00 ${hex('lmnop')}`, 'wait 500']);
    expect(hear('00 03 05 00')).toEqual(['done 3', 'stop']);
  });

  test('sequences run from 1 to 15 and start again at 1', () => {
    const { step, hear } = createEngine();
    const sequences = Array.from({ length: 17 }, (_, index) => {
      const [sent = ''] = step(write(index, 'x'));
      const sequence = sent.slice(2, 4);
      hear(`00 ${sequence} 01 00`);
      return Number.parseInt(sequence, 16);
    });
    expect(sequences).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 1, 2]);
  });

  test('a packet that is not acknowledged is repeated as it is, and in the end the console is lost', () => {
    const { step } = createEngine();
    const first = step(write(1, 'hello'));
    expect(step({ type: 'timer' })).toEqual(first);
    expect(step({ type: 'timer' })).toEqual(first);
    expect(step({ type: 'timer' })).toEqual(['lost']);
  });

  test('an acknowledgement of another packet is none', () => {
    const { step, hear } = createEngine();
    step(write(1, 'hello'));
    expect(hear('00 02 05 00')).toEqual([]);
    expect(hear('00 00 05 00')).toEqual([]);
    expect(hear('00 01 05 00')).toEqual(['done 1', 'stop']);
    expect(hear('00 01 05 00')).toEqual([]);
  });

  test('what was not taken goes out under a new sequence at once', () => {
    const { step, hear } = createEngine();
    step(write(1, 'hello'));
    expect(hear('00 01 02 00')).toEqual(['stop', `> 02 00 00 00 ${hex('llo')}`, 'wait 500']);
    expect(hear('00 02 ff 00')).toEqual(['done 1', 'stop']);
  });

  test('after a NACK it waits for another word', () => {
    const { step, hear } = createEngine();
    step(write(1, 'hello'));
    expect(hear('00 01 02 60')).toEqual(['wait 500']);
    expect(step(write(2, '!'))).toEqual([]);
    expect(hear('00 00 00 60')).toEqual([]);
    expect(hear('00 00 00 00')).toEqual(['stop', `> 02 00 00 00 ${hex('llo!')}`, 'wait 500']);
  });

  test('after a NACK of a part the rest goes out at once, unless the machine takes nothing now', () => {
    const { step, hear } = createEngine();
    step(write(1, 'hello'));
    expect(hear('00 01 02 40')).toEqual(['stop', `> 02 00 00 00 ${hex('llo')}`, 'wait 500']);
    expect(hear('00 02 00 40')).toEqual(['wait 500']);
    expect(hear('00 00 00 00')).toEqual(['stop', `> 03 00 00 00 ${hex('llo')}`, 'wait 500']);
    expect(hear('00 03 01 60')).toEqual(['wait 500']);
  });

  test('after a NACK it tries again when the interval is over, however often', () => {
    const { step, hear } = createEngine();
    step(write(1, 'hello'));
    for (const sequence of ['01', '02', '03', '04', '05', '06']) {
      expect(hear(`00 ${sequence} 00 60`)).toEqual(['wait 500']);
      expect(step({ type: 'timer' })[0]).toMatch(/^> 0\d 00 00 00 68 65 6c 6c 6f$/);
    }
  });

  test('a controller that takes nothing without a word is not asked at once again', () => {
    const { step, hear } = createEngine();
    step(write(1, 'hello'));
    expect(hear('00 01 00 00')).toEqual(['wait 500']);
    expect(step({ type: 'timer' })).toEqual([`> 02 00 00 00 ${hex('hello')}`, 'wait 500']);
  });

  test('a break goes out by itself, behind what was written before it', () => {
    const { step, hear } = createEngine();
    step(write(1, 'a'));
    step(write(2, 'b'));
    step(sendBreak(3));
    step(write(4, 'c'));
    expect(hear('00 01 01 00')).toEqual(['done 1', 'stop', '> 02 00 00 00 62', 'wait 500']);
    expect(hear('00 02 01 00')).toEqual(['done 2', 'stop', '> 03 00 00 10', 'wait 500']);
    expect(hear('00 03 00 40')).toEqual(['wait 500']);
    expect(step({ type: 'timer' })).toEqual(['> 04 00 00 10', 'wait 500']);
    expect(hear('00 04 00 00')).toEqual(['done 3', 'stop', '> 05 00 00 00 63', 'wait 500']);
  });

  test('what was given up is not sent any more, as far as it is not under way', () => {
    const { step, hear } = createEngine();
    step(write(1, 'hello'));
    step(write(2, 'never'));
    step({ type: 'cancel', id: 2 });
    step({ type: 'cancel', id: 1 });
    expect(hear('00 01 02 00')).toEqual(['stop']);
    expect(step(write(3, '!'))).toEqual(['> 02 00 00 00 21', 'wait 500']);
  });
});

describe('receiving', () => {
  test('the same sequence twice is acknowledged twice and delivered once', () => {
    const { hear } = createEngine();
    expect(hear('01 00 00 00 41 42')).toEqual(['"AB"', '> 00 01 02 00']);
    expect(hear('01 00 00 00 41 42')).toEqual(['> 00 01 02 00']);
    expect(hear('02 00 00 00 41 42')).toEqual(['"AB"', '> 00 02 02 00']);
  });

  test('a packet without characters is acknowledged', () => {
    expect(createEngine().hear('05 00 00 04')).toEqual(['> 00 05 00 00']);
  });

  test('half of the limit stops the machine, all of it refuses packets, and reading lets go on', () => {
    const { step, hear } = createEngine();
    const ten = hex('0123456789');
    expect(hear(`01 00 00 00 ${ten}`)).toEqual(['"0123456789"', '> 00 01 0a 00']);
    expect(hear(`02 00 00 00 ${ten}`)).toEqual(['"0123456789"', '> 00 02 0a 08']);
    expect(hear(`03 00 00 00 ${ten}`)).toEqual(['"0123456789"', '> 00 03 0a 08']);
    expect(hear(`04 00 00 00 ${ten}`)).toEqual(['"0123456789"', '> 00 04 0a 08']);
    expect(hear(`05 00 00 00 ${ten}`)).toEqual(['> 00 05 00 48']);
    expect(hear(`05 00 00 00 ${ten}`)).toEqual(['> 00 05 00 48']);
    expect(step(write(1, 'x'))).toEqual(['> 01 00 00 08 78', 'wait 500']);
    expect(hear('00 01 01 00')).toEqual(['done 1', 'stop']);
    expect(step({ type: 'read', bytes: 29 })).toEqual([]);
    // Told by a packet that has to be acknowledged, and repeated until it is.
    expect(step({ type: 'read', bytes: 1 })).toEqual(['> 02 00 00 00', 'wait 500']);
    expect(step({ type: 'timer' })).toEqual(['> 02 00 00 00', 'wait 500']);
    expect(hear('00 02 00 00')).toEqual(['stop']);
    // The refused packet again: the controller may have missed the refusal. Under a new sequence it is taken.
    expect(hear(`05 00 00 00 ${ten}`)).toEqual(['> 00 05 00 00']);
    expect(hear(`06 00 00 00 ${ten}`)).toEqual(['"0123456789"', '> 00 06 0a 08']);
  });

  test('the first packet that is acknowledged after the reader went on tells it, too', () => {
    const { step, hear } = createEngine();
    hear(`01 00 00 00 ${hex('0123456789').repeat(2)}`);
    expect(step(write(1, 'ab'))).toEqual(['> 01 00 00 08 61 62', 'wait 500']);
    // Under way from before: its acknowledgement says nothing about the line.
    expect(step({ type: 'read', bytes: 20 })).toEqual([]);
    expect(hear('00 01 02 00')).toEqual(['done 1', 'stop', '> 02 00 00 00', 'wait 500']);
    expect(hear('00 02 00 00')).toEqual(['stop']);
  });

  test('what comes with the end is delivered, not acknowledged', () => {
    const { step, hear } = createEngine();
    step(write(1, 'a'));
    step(write(2, 'b'));
    expect(hear('01 01 01 10 41')).toEqual(['"A"', 'done 1', 'deactivated']);
  });
});
