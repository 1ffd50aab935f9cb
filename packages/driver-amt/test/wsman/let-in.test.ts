import { describe, expect, test } from 'vitest';
import { faultAnswer, http, plainAnswer } from './support/answers.js';
import { unauthorized } from './support/digest-device.js';
import { makeClient, rejection } from './support/make-client.js';
import { type Answer, type RawDevice, type ReceivedRequest, startRawDevice } from './support/raw-device.js';

const page = (status: string): Answer => (_request, socket) => void socket.write(http('<html/>', { status, headers: ['Content-Type: text/html'] }));
const refuse: Answer = (request, socket) => void socket.write(unauthorized(`nonce${request.index}`, 'auth', false));
const refuseAsStale: Answer = (request, socket) => void socket.write(unauthorized(`nonce${request.index}`, 'auth', false, true));
const letIn: Answer = (request, socket) => void socket.write(http(plainAnswer(request)));

const isProof = ({ headers }: ReceivedRequest): boolean => headers.has('authorization');
const proofs = (device: RawDevice): number => device.requests.filter(isProof).length;

/** A device that meets the first, second, ... proof of the password as the script says, from the last on always so; without a proof it asks for one. */
async function startScripted(...script: readonly Answer[]): Promise<RawDevice> {
  let next = 0;
  return startRawDevice((request, socket) => {
    if (!isProof(request)) return refuse(request, socket);
    const answer = script[Math.min(next, script.length - 1)] ?? letIn;
    next += 1;
    return answer(request, socket);
  });
}

describe('a page that is no answer of AMT', () => {
  test.each(['503 Service Unavailable', '500 Internal Server Error', '404 Not Found', '403 Forbidden', '302 Found'])(
    'proves no password: after %s one refusal is final, however often both come',
    async (status) => {
      await using device = await startScripted(...Array.from({ length: 20 }, () => [page(status), refuse]).flat());
      await using client = makeClient(device);
      const codes: unknown[] = [];
      for (let count = 0; count < 12; count += 1) codes.push(((await rejection(client.get('CIM_Chassis'))) as { readonly code: string }).code);
      expect(codes.slice(1)).toEqual(Array.from({ length: 11 }, () => 'AUTH_FAILED'));
      expect(proofs(device)).toBe(2);
    },
  );

  test('takes nothing from a password that was proven before: a nonce that grew old is renewed', async () => {
    await using device = await startScripted(letIn, page('503 Service Unavailable'), refuse, refuse, letIn);
    await using client = makeClient(device);
    await client.get('CIM_Chassis');
    expect(await rejection(client.get('CIM_Chassis'))).toMatchObject({ code: 'BUSY' });
    expect((await client.get('CIM_Chassis')).name).toBe('CIM_Chassis');
    expect(proofs(device)).toBe(5);
  });

  test('nor does an answer without a proof speak for it', async () => {
    let isOpen = false;
    await using device = await startRawDevice((request, socket) => (isOpen ? letIn(request, socket) : refuse(request, socket)));
    await using client = makeClient(device);
    isOpen = true;
    await client.get('CIM_Chassis');
    isOpen = false;
    expect(await rejection(client.get('CIM_Chassis'))).toMatchObject({ code: 'AUTH_FAILED' });
    expect(proofs(device)).toBe(1);
  });
});

test.each(['400 Bad Request', '500 Internal Server Error'])('a fault, here with %s, is an answer of AMT and proves the password', async (status) => {
  const fault: Answer = (request, socket) => void socket.write(http(faultAnswer(request, 'AccessDenied'), { status }));
  await using device = await startScripted(fault, refuse, refuse, letIn);
  await using client = makeClient(device);
  expect(await rejection(client.get('CIM_Chassis'))).toMatchObject({ code: 'REFUSED' });
  expect((await client.get('CIM_Chassis')).name).toBe('CIM_Chassis');
  expect(proofs(device)).toBe(4);
});

describe('a 401 that calls the nonce stale', () => {
  test.each([1, 2])('is no refusal of the password: %i before the first answer', async (count) => {
    await using device = await startScripted(...Array.from({ length: count }, () => refuseAsStale), letIn);
    await using client = makeClient(device);
    expect((await client.get('CIM_Chassis')).name).toBe('CIM_Chassis');
    expect(proofs(device)).toBe(count + 1);
  });

  test('is believed twice in a row: then it is a refusal like any other', async () => {
    await using device = await startScripted(refuseAsStale);
    await using client = makeClient(device);
    expect(await rejection(client.get('CIM_Chassis'))).toMatchObject({ code: 'AUTH_FAILED', details: { username: 'admin' } });
    expect(await rejection(client.get('CIM_Chassis'))).toMatchObject({ code: 'AUTH_FAILED' });
    expect(proofs(device)).toBe(3);
  });

  test('is believed anew after an answer', async () => {
    await using device = await startScripted(refuseAsStale, refuseAsStale, letIn, refuse, refuseAsStale, refuseAsStale, refuse, letIn);
    await using client = makeClient(device);
    await client.get('CIM_Chassis');
    expect((await client.get('CIM_Chassis')).name).toBe('CIM_Chassis');
  });
});
