import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { childOf, type WsmanElement } from '../../src/client/wsman/index.js';
import { makeClient } from './support/make-client.js';
import { type RawDevice, startRawDevice } from './support/raw-device.js';

const read = (name: string): Buffer => readFileSync(new URL(`../fixtures/recorded/http/${name}`, import.meta.url));

/** The head of a 401 and a 200 from an AMT 15.0.23; the body of the 401 was not recorded, only its length. */
const REFUSAL = read('401-amt15.http');
const ANSWER = read('get-computersystempackage-amt15.http');
const PAGE = Buffer.alloc(693, 'x');

/** Answers as the recorded device did: 401 and closed, then the recorded answer to what carries a digest of the recorded challenge. */
async function startRecorded(send: (socket: Socket, bytes: Buffer) => Promise<void>, page = PAGE): Promise<RawDevice> {
  return startRawDevice(async (request, socket) => {
    const authorization = request.headers.get('authorization') ?? '';
    if (authorization.includes('nonce="bQali2IAAAAAAAAAn0xaWCOcxNsRcEHX"') && authorization.includes('realm="Digest:34BF4B5A0561F95248F58509A406E046"')) {
      await send(socket, ANSWER);
      return;
    }
    await send(socket, Buffer.concat([REFUSAL, page]));
    socket.end();
  });
}

/** Each part in a packet of its own, as far as that can be had: written when the one before has gone. */
async function write(socket: Socket, ...parts: readonly Buffer[]): Promise<void> {
  for (const part of parts) {
    if (part.length === 0) continue;
    await new Promise<void>((resolve) => void socket.write(part, () => resolve()));
    await nextTurn();
  }
}

function expectRecorded(answer: WsmanElement): void {
  expect(answer.name).toBe('CIM_ComputerSystemPackage');
  expect(answer.namespace).toBe('http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ComputerSystemPackage');
  expect(answer.children.map(({ name }) => name)).toEqual(['Antecedent', 'Dependent', 'PlatformGUID']);
  expect(childOf(answer, 'PlatformGUID')?.text).toBe('44454C4C4B0010428033B6C04F504633');
}

describe('the recorded conversation', () => {
  test('is had as it was: 401, a new connection, a chunked answer, and the connection is used again', async () => {
    await using device = await startRecorded(async (socket, bytes) => write(socket, bytes));
    await using client = makeClient(device);
    expectRecorded(await client.get('CIM_ComputerSystemPackage'));
    expect(device.requests.map(({ connection }) => connection)).toEqual([0, 1]);
    expect(device.openConnections).toBe(1);
  });

  test('is had also when the page of the 401 never comes and the connection just ends, as in the record', async () => {
    await using device = await startRecorded(async (socket, bytes) => write(socket, bytes), Buffer.alloc(0));
    await using client = makeClient(device);
    expectRecorded(await client.get('CIM_ComputerSystemPackage'));
  });

  test('is had byte by byte', async () => {
    await using device = await startRecorded(async (socket, bytes) => write(socket, ...Array.from(bytes, (byte) => Buffer.of(byte))));
    await using client = makeClient(device);
    expectRecorded(await client.get('CIM_ComputerSystemPackage'));
  }, 60_000);
});

describe('the recorded answer, cut in two', () => {
  test('is the same wherever it is cut: in the head, in a chunk size, in a tag, in an attribute', async () => {
    let offset = 0;
    await using device = await startRawDevice(async (request, socket) => {
      if (!request.headers.has('authorization')) {
        socket.end(Buffer.concat([REFUSAL, PAGE]));
        return;
      }
      // Its answer is to message 1, which each client sends but once.
      await write(socket, ANSWER.subarray(0, offset), ANSWER.subarray(offset));
    });
    for (; offset < ANSWER.length; offset += 1) {
      await using client = makeClient(device);
      expectRecorded(await client.get('CIM_ComputerSystemPackage'));
    }
    expect(offset).toBeGreaterThan(2048);
  }, 120_000);

  test.each([0, 1, 17, 226, 500, 1300, 1900])('ends the call when nothing comes after byte %i', async (offset) => {
    await using device = await startRawDevice(async (request, socket) => {
      if (!request.headers.has('authorization')) {
        socket.end(Buffer.concat([REFUSAL, PAGE]));
        return;
      }
      await write(socket, ANSWER.subarray(0, offset));
      socket.end();
    });
    await using client = makeClient(device);
    await expect(client.get('CIM_ComputerSystemPackage')).rejects.toMatchObject({ code: 'UNREACHABLE', retryable: true, details: { step: 'answer', sent: false, received: offset > 0 } });
  });
});
