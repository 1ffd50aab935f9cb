import { once } from 'node:events';
import type { FaultKind } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { type Generation, startIlo, type VirtualIlo } from '../../src/simulator/index.js';
import { ask, openSocket } from './bench.js';

// Each fault of core's vocabulary, as bytes, on both families of interfaces.

const ribcl = ({ username, password }: VirtualIlo, commands: string): string => {
  const body = `<?xml version="1.0"?>\r\n<RIBCL VERSION="2.0"><LOGIN USER_LOGIN="${username}" PASSWORD="${password}"><SERVER_INFO MODE="write">${commands}</SERVER_INFO></LOGIN></RIBCL>`;
  return `POST /ribcl HTTP/1.1\r\nHost: ilo\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
};

function rest({ username, password }: VirtualIlo, method: string, path: string, body = ''): string {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return `${method} ${path} HTTP/1.1\r\nHost: ilo\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

interface Face {
  readonly name: string;
  readonly generation: Generation;
  readonly read: (ilo: VirtualIlo) => string;
  readonly switchOn: (ilo: VirtualIlo) => string;
}

const FACES: readonly Face[] = [
  {
    name: 'Redfish',
    generation: 'gen10',
    read: (ilo) => rest(ilo, 'GET', '/redfish/v1/Systems/1/'),
    switchOn: (ilo) => rest(ilo, 'POST', '/redfish/v1/Systems/1/Actions/ComputerSystem.Reset/', '{"ResetType":"On"}'),
  },
  {
    name: 'RIS',
    generation: 'gen9',
    read: (ilo) => rest(ilo, 'GET', '/rest/v1/Systems/1'),
    switchOn: (ilo) => rest(ilo, 'POST', '/rest/v1/Systems/1', '{"Action":"Reset","ResetType":"On"}'),
  },
  { name: 'RIBCL', generation: 'gen8', read: (ilo) => ribcl(ilo, '<GET_HOST_POWER_STATUS/>'), switchOn: (ilo) => ribcl(ilo, '<SET_HOST_POWER HOST_POWER="Yes"/>') },
];

const ANSWER_LIMIT_MS = 10_000;
/** Long enough for more to come, if there were more. Milliseconds. */
const QUIET_MS = 200;

interface Talk {
  readonly bytes: string;
  readonly end: 'closed' | 'reset' | 'nothing more';
}

/**
 * What came back, and how it ended.
 * @param all matches what is all that is expected to come, on a connection that stays open; left out: it is to be closed
 */
async function talk(ilo: VirtualIlo, request: string, all?: RegExp): Promise<Talk> {
  const socket = await openSocket(ilo);
  const { promise: ended, resolve } = Promise.withResolvers<Talk['end']>();
  let bytes = '';
  let timer = setTimeout(resolve, ANSWER_LIMIT_MS, 'nothing more');
  const look = (): void => {
    if (all?.test(bytes) !== true) return;
    clearTimeout(timer);
    timer = setTimeout(resolve, QUIET_MS, 'nothing more');
  };
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    bytes += chunk;
    look();
  });
  socket.once('error', () => resolve('reset'));
  socket.once('close', () => resolve('closed'));
  socket.write(request, look);
  const end = await ended;
  clearTimeout(timer);
  socket.destroy();
  return { bytes, end };
}

describe.each(FACES)('$name', ({ generation, read, switchOn }) => {
  test.each<[kind: FaultKind, end: string, bytes: RegExp]>([
    ['silence', 'nothing more', /^$/],
    ['reset', 'reset', /^$/],
    ['close', 'closed', /^$/],
    ['half frame', 'nothing more', /^HTTP\/1\.1 200 OK\r\n/],
    ['garbage', 'nothing more', /^Þ[^]ÿî/],
  ])('%s spoils the bytes', async (kind, end, bytes) => {
    await using ilo = await startIlo({ generation });
    const right = await talk(ilo, read(ilo));
    ilo.faults.inject({ kind, times: 1 });
    const spoiled = await talk(ilo, read(ilo), end === 'nothing more' ? bytes : undefined);
    expect([spoiled.end, spoiled.bytes]).toEqual([end, expect.stringMatching(bytes)]);
    if (kind === 'half frame') expect(spoiled.bytes.length).toBeLessThan(right.bytes.length);
    expect((await talk(ilo, read(ilo))).bytes.length).toBeGreaterThanOrEqual(right.bytes.length - 10);
  });

  test('slow answers are right ones', async () => {
    await using ilo = await startIlo({ generation });
    ilo.faults.inject({ kind: 'slow', delayMs: 120, times: 1 });
    const began = performance.now();
    const answer = await talk(ilo, read(ilo));
    expect(answer.bytes).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(performance.now() - began).toBeGreaterThan(115);
  });

  test('busy is said, and nothing happens', async () => {
    await using ilo = await startIlo({ generation });
    ilo.faults.inject({ kind: 'busy', times: 1 });
    expect((await talk(ilo, switchOn(ilo))).bytes).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect([ilo.machine.power.isOn, ilo.activity.changeCommands]).toEqual([false, 0]);
  });

  test('wrong state: it says that it did', async () => {
    await using ilo = await startIlo({ generation });
    ilo.faults.inject({ kind: 'wrong state', times: 1 });
    const answer = await talk(ilo, switchOn(ilo));
    expect(answer.bytes).toMatch(/^HTTP\/1\.1 200 OK/);
    if (generation === 'gen8') expect(answer.bytes).not.toMatch(/STATUS="0x00(?!00)/);
    expect([ilo.machine.power.isOn, ilo.activity.changeCommands, ilo.activity.operations]).toEqual([false, 1, { 'power on': 1 }]);
    await talk(ilo, switchOn(ilo));
    expect(ilo.machine.power.isOn).toBe(true);
  });

  test('command failure: it says that it could not', async () => {
    await using ilo = await startIlo({ generation });
    ilo.faults.inject({ kind: 'command failure', times: 1 });
    const answer = await talk(ilo, switchOn(ilo));
    expect(answer.bytes).toMatch(generation === 'gen8' ? /STATUS="0x0052"/ : /^HTTP\/1\.1 500 Internal Server Error[^]*InternalError/);
    expect([ilo.machine.power.isOn, ilo.activity.changeCommands]).toEqual([false, 1]);
  });
});

test('refuse: nobody gets in until it is over', async () => {
  await using ilo = await startIlo({ generation: 'gen10' });
  const connected = await openSocket(ilo);
  const ended = once(connected, 'close');
  ilo.faults.inject({ kind: 'refuse' });
  await ended;
  await expect(openSocket(ilo)).rejects.toThrow(/ECONNREFUSED/);
  ilo.faults.clear();
  await expect.poll(async () => (await ask(ilo, '/redfish/v1/').catch(() => undefined))?.status).toBe(200);
  ilo.faults.inject({ kind: 'refuse' });
  ilo.faults.inject({ kind: 'busy', times: 1 });
  await expect.poll(async () => (await ask(ilo, '/redfish/v1/').catch(() => undefined))?.status).toBe(503);
});

test('a fault does not put an unplugged iLO back', async () => {
  await using ilo = await startIlo({ generation: 'gen10' });
  await ilo.unplug();
  ilo.faults.inject({ kind: 'slow', delayMs: 1 });
  ilo.faults.clear();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await expect(openSocket(ilo)).rejects.toThrow(/ECONNREFUSED/);
});

test('all kinds of the vocabulary can be shown, no others', async () => {
  await using ilo = await startIlo({ generation: 'gen10' });
  expect([...ilo.faults.supported].toSorted()).toEqual(['busy', 'close', 'command failure', 'garbage', 'half frame', 'refuse', 'reset', 'silence', 'slow', 'wrong state']);
  expect(() => ilo.faults.inject({ kind: 'bad checksum' as FaultKind })).toThrow(/fault/i);
});
