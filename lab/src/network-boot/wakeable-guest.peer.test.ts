import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../system/poll.ts';
import { run } from '../system/programs.ts';
import { type BootServer, startBootServer } from './boot-server.ts';
import { PROBE_LINES, probeKernel } from './probe-kernel.ts';
import { startWakeableGuest } from './wakeable-guest.ts';

let server: BootServer;
beforeAll(async () => void (server = await startBootServer({ '/probe': probeKernel(), '/script': '#!ipxe\nkernel /probe\nboot\n' })));
afterAll(async () => server?.[Symbol.asyncDispose]());

const wake = async (mac: string, port: number): Promise<unknown> => run('wakeonlan', ['-i', '127.0.0.1', '-p', String(port), mac]);

test('is off until its own magic packet comes, and after it has switched itself off', async () => {
  await using guest = await startWakeableGuest({ bootUrl: `${server.guestUrl}/script` });
  await wake('02:00:00:00:00:01', guest.wakePort);
  await wake(guest.mac, guest.wakePort);
  await waitFor('the machine to run', () => guest.machine);
  expect([guest.isOn, guest.wakes]).toEqual([true, 1]);
  await wake(guest.mac, guest.wakePort);
  await waitFor('the second packet', () => (guest.wakes === 2 ? true : undefined));
  const first = guest.machine;
  expect(await first?.ended).toBe('by itself');
  expect(first?.serialText()).toContain(PROBE_LINES.commandLine(''));
  expect([guest.isOn, guest.machine === first, server.requests.map(({ url }) => url)]).toEqual([false, true, ['/script', '/probe']]);

  await wake(guest.mac, guest.wakePort);
  await waitFor('the machine to run again', () => (guest.isOn && guest.machine !== first ? true : undefined));
  await guest.cutPower();
  expect([guest.isOn, guest.machine?.end]).toEqual([false, 'disposed']);
});

test('says why it cannot start', async () => {
  await using guest = await startWakeableGuest({ bootUrl: `http://10.0.2.2/${'x'.repeat(200)}` });
  await wake(guest.mac, guest.wakePort);
  await expect(waitFor('the machine to run', () => guest.machine, { timeoutMs: 500 })).rejects.toThrow('in vain');
  expect(() => guest.machine).toThrow('did not start');
});

test('hears nothing any more when it is disposed', async () => {
  const guest = await startWakeableGuest({ bootUrl: `${server.guestUrl}/script` });
  const { wakePort } = guest;
  await guest[Symbol.asyncDispose]();
  await guest[Symbol.asyncDispose]();
  const socket = createSocket('udp4').bind(wakePort, '127.0.0.1');
  await new Promise((resolve) => socket.once('listening', resolve));
  socket.close();
  expect(guest.isOn).toBe(false);
});
