import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { startBmc, startBmcFleet, systemEvent, type VirtualBmc } from '../../src/simulator/index.js';
import { hex, readAnswer, request } from './hand-console.js';

// The BMC at a real socket.

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

interface Caller {
  ask(port: number, datagram: Uint8Array): Promise<Buffer>;
  tell(port: number, datagram: Uint8Array): Promise<void>;
  readonly heard: { readonly port: number; readonly datagram: Buffer }[];
}

async function createCaller(): Promise<Caller> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const heard: Caller['heard'] = [];
  socket.on('message', (datagram, { port }) => heard.push({ port, datagram }));
  const tell = (port: number, datagram: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      socket.send(datagram, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
    });
  return {
    heard,
    tell,
    async ask(port, datagram) {
      const answer = once(socket, 'message') as Promise<[Buffer]>;
      await tell(port, datagram);
      return (await answer)[0];
    },
  };
}

const PING = hex('0600ff06 000011be 80 01 00 00');
const CAPABILITIES = Buffer.concat([hex('0600ff07 00 00000000 00000000 09'), request(0x06, 0x38, [0x8e, 0x04])]);

test('answers at a free port of this machine until it is disposed', async () => {
  const caller = await createCaller();
  const bmc = await startBmc();
  expect([bmc.host, bmc.name, bmc.users.map(({ name }) => name)]).toEqual(['127.0.0.1', `bmc-${bmc.port}`, ['admin']]);
  const answer = await caller.ask(bmc.port, CAPABILITIES);
  expect(readAnswer(answer.subarray(14))).toMatchObject({ completionCode: 0, data: '0194040300000000' });
  expect(bmc.activity).toMatchObject({ packetsReceived: 1, openSessions: 0 });
  await bmc[Symbol.asyncDispose]();
  await bmc[Symbol.asyncDispose]();
  // The port is free again.
  await using next = await startBmc({ port: bmc.port });
  expect(next.port).toBe(bmc.port);
});

test('a port that is taken is refused with the error of the system', async () => {
  await using bmc = await startBmc();
  await expect(startBmc({ port: bmc.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('each BMC makes up its own password and has its own machine', async () => {
  await using first = await startBmc();
  await using second = await startBmc();
  expect(String(first.users[0]?.password)).toBe('[secret]');
  const reveal = ({ users: [user] }: VirtualBmc): string => (typeof user?.password === 'object' ? user.password.reveal() : '');
  expect(reveal(first)).toMatch(/^[0-9a-f]{16}$/);
  expect(reveal(first)).not.toBe(reveal(second));
  first.machine.power = 'power on';
  expect(second.machine.power).toBe('power off');
});

test('shows and takes what happens behind it', async () => {
  await using bmc = await startBmc({ sel: [], name: 'shown' });
  const seen: string[] = [];
  using _watching = bmc.watchPower((change) => seen.push(change));
  bmc.machine.power = 'power on';
  expect(seen).toEqual(['on']);
  expect([bmc.addEvent(systemEvent({ id: 9, seconds: 0, sensorType: 1, sensorNumber: 1, eventType: 1, data: [1, 2, 3] })), bmc.eventLog.length, bmc.name]).toEqual([1, 1, 'shown']);
});

describe('a fleet', () => {
  test('shares its content, differs in name and GUID, and has its dead and slow ones', async () => {
    await using fleet = await startBmcFleet({ count: 20, dead: 2, slow: 3, slowMs: 60_000 });
    const { bmcs } = fleet;
    const healths = bmcs.map(({ health }) => health);
    expect([healths.filter((health) => health === 'dead').length, healths.filter((health) => health === 'slow').length]).toEqual([2, 3]);
    expect(new Set(bmcs.map(({ bmc }) => bmc.port)).size).toBe(20);
    expect(bmcs.slice(0, 2).map(({ bmc }) => bmc.name)).toEqual(['bmc-1', 'bmc-2']);
    expect(new Set(bmcs.map(({ bmc }) => Buffer.from(bmc.guid ?? []).toString('hex'))).size).toBe(20);
    const caller = await createCaller();
    const well = bmcs.filter(({ health }) => health === 'well').map(({ bmc }) => bmc.port);
    await Promise.all(bmcs.map(({ bmc }) => caller.tell(bmc.port, PING)));
    await expect.poll(() => fleet.activity.packetsReceived).toBe(20);
    await expect.poll(() => caller.heard.map(({ port }) => port).toSorted((left, right) => left - right)).toEqual(well.toSorted((left, right) => left - right));
  });

  test('spreads them evenly', async () => {
    await using fleet = await startBmcFleet({ count: 100, dead: 5, slow: 5, name: 'rack' });
    const places = (wanted: string): readonly number[] => fleet.bmcs.flatMap(({ health }, index) => (health === wanted ? [index] : []));
    expect(places('dead')).toEqual([19, 39, 59, 79, 99]);
    expect(places('slow')).toEqual([18, 38, 58, 78, 98]);
    expect(fleet.bmcs[99]?.bmc.name).toBe('rack-bmc-100');
  });

  test.each([[{ count: 0 }, 'count'], [{ count: 1.5 }, 'count'], [{ count: 2, dead: 2, slow: 1 }, 'dead'], [{ count: 2, slow: -1 }, 'slow'], [{ count: 2, sessionLimit: 0 }, 'sessionLimit']])(
    '%j is refused', async (options, field) => {
      await expect(startBmcFleet(options)).rejects.toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining(field) as string });
    },
  );
});
