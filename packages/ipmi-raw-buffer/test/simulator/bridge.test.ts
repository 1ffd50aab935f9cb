import { describe, expect, test } from 'vitest';
import type { ControllerRequest, VirtualController } from '../../src/simulator/index.js';
import { type Bench, createBench, hex, readAnswer, request } from './hand-console.js';

/** Answers with what it was asked. */
const echo = (channel: number, further: Partial<VirtualController> = {}): VirtualController => ({
  channel,
  handle: ({ netFn, lun, command, data }: ControllerRequest) => ({ completionCode: 0x00, data: Uint8Array.of(netFn, lun, command, ...data) }),
  ...further,
});

const controllers = {
  0x2c: echo(0),
  0x2e: { channel: 0, handle: () => undefined },
  0x30: echo(6),
  0x40: echo(0, { controllers: { 0x72: echo(7) } }),
};

const separate = (options = {}): Bench => createBench({ controllers, ...options });
const inside = (): Bench => createBench({ controllers, bridgedAnswers: 'inside' });
const wrap = (channel: number, address: number, netFn: number, command: number, data: readonly number[] = []): number[] => [
  0x40 | channel, ...request(netFn, command, data, 33, 1, address, 0x20),
];

test('the captured request reaches the controller, and the answer follows in a packet of its own', () => {
  const own = separate().session();
  own.console.send(own.packet(0x06, 0x34, [...hex('402c18bc200401db')]));
  const [first, second, ...more] = own.console.take().map((datagram) => own.unseal(datagram));
  expect(more).toEqual([]);
  expect(readAnswer(first?.payload ?? Buffer.alloc(0))).toMatchObject({ netFn: 0x07, command: 0x34, completionCode: 0, data: '' });
  // To 20h from 2Ch, with the number of the inner request.
  expect(second?.payload.toString('hex')).toBe('201cc42c040100060001c8');
  expect(second?.sequence).toBe((first?.sequence ?? 0) + 1);
});

test('the answer may come inside', () => {
  const own = inside().session();
  const answer = own.command(0x06, 0x34, wrap(0, 0x2c, 0x2e, 0xca, [0x57, 0x01, 0x00]));
  expect(answer.completionCode).toBe(0);
  expect(readAnswer(hex(answer.data))).toMatchObject({ netFn: 0x2f, command: 0xca, sequence: 33, completionCode: 0, data: '2e01ca570100' });
});

test('a repeated request gets both packets again', () => {
  let calls = 0;
  const counting = echo(0, {
    handle: () => {
      calls += 1;
      return { completionCode: 0, data: Uint8Array.of(calls) };
    },
  });
  const own = createBench({ controllers: { 0x2c: counting } }).session();
  const message = request(0x06, 0x34, wrap(0, 0x2c, 0x06, 0x01), 12);
  const twice = [1, 2].map(() => {
    own.console.send(own.seal(message));
    return own.console.take().map((datagram) => own.unseal(datagram).payload.toString('hex'));
  });
  expect([twice[0]?.length, twice[1], calls]).toEqual([2, twice[0], 1]);
});

describe('what goes wrong', () => {
  test.each([
    ['nobody at the address', wrap(0, 0x50, 0x06, 0x01), '83'],
    ['at the address of another channel', wrap(0, 0x30, 0x06, 0x01), '83'],
    ['a channel that is not there', wrap(5, 0x2c, 0x06, 0x01), 'cc'],
    ['a controller that does not answer', wrap(0, 0x2e, 0x06, 0x01), 'c3'],
    ['no message inside', [0x40, 0x2c, 0x18, 0xbd, 0x20, 0x04, 0x01, 0xdb], 'cc'],
    ['too little', [0x40, 0x2c], 'c7'],
  ])('%s', (_case, data, expected) => {
    expect(separate().session().say(0x06, 0x34, data)).toBe(expected);
  });

  test('the bus is there even when nobody is on it', () => {
    expect(createBench().session().say(0x06, 0x34, wrap(0, 0x2c, 0x06, 0x01))).toBe('83');
  });
});

test('other channels have their own controllers', () => {
  const answer = inside().session().command(0x06, 0x34, wrap(6, 0x30, 0x06, 0x01));
  expect(readAnswer(hex(answer.data)).data).toBe('060101');
});

test('a controller with a bus behind it passes messages on', () => {
  const own = inside().session();
  const answer = own.command(0x06, 0x34, wrap(0, 0x40, 0x06, 0x34, wrap(7, 0x72, 0x2e, 0x99, [5])));
  const outer = readAnswer(hex(answer.data));
  expect(outer).toMatchObject({ netFn: 0x07, command: 0x34, completionCode: 0 });
  expect(readAnswer(hex(outer.data))).toMatchObject({ netFn: 0x2f, command: 0x99, completionCode: 0, data: '2e019905' });
  const nobody = own.command(0x06, 0x34, wrap(0, 0x40, 0x06, 0x34, wrap(7, 0x74, 0x2e, 0x99, [5])));
  expect(readAnswer(hex(nobody.data))).toMatchObject({ command: 0x34, completionCode: 0x83 });
});
