import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ask, startStill } from './bench.js';

const ALL = '/redfish/v1/EventService/Subscriptions/';

/** Counts what comes, and refuses it all. */
async function startRefuser(): Promise<{ readonly url: string; readonly seen: number }> {
  let seen = 0;
  const server = createServer((request, response) => {
    seen += 1;
    request.resume().once('end', () => response.writeHead(503).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close().closeAllConnections();
    await once(server, 'close');
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    get seen() {
      return seen;
    },
  };
}

test('an event that is not taken is sent three times more, half a minute apart', async () => {
  const receiver = await startRefuser();
  await using own = await startStill({ generation: 'gen10' });
  await ask(own.ilo, ALL, { method: 'POST', body: { Destination: receiver.url, EventTypes: ['Alert'] } });
  own.ilo.machine.power.put(true);
  for (const times of [1, 2, 3, 4]) {
    await expect.poll(async () => {
      // The answer has to come back before time passes.
      if (times > 1 && receiver.seen < times) await own.clock.advance(30_000);
      return receiver.seen;
    }).toBe(times);
  }
  await own.clock.advance(120_000);
  expect(receiver.seen).toBe(4);
});

test('somebody who cannot be told does not disturb the others, nor the end', async () => {
  const receiver = await startRefuser();
  await using own = await startStill({ generation: 'gen10' });
  for (const Destination of ['https://127.0.0.1:1/', 'snmp://127.0.0.1', receiver.url]) await ask(own.ilo, ALL, { method: 'POST', body: { Destination, EventTypes: ['Alert'] } });
  own.ilo.machine.power.put(true);
  await expect.poll(() => receiver.seen).toBe(1);
});

test.each([
  ['no destination', { EventTypes: ['Alert'] }, 'PropertyMissing'], ['no address', { Destination: 'events', EventTypes: ['Alert'] }, 'PropertyValueNotInList'],
  ['a kind that there is not', { Destination: 'https://192.0.2.9', EventTypes: ['Weather'] }, 'PropertyValueNotInList'],
])('a subscription with %s is refused', async (_what, body, key) => {
  await using own = await startStill({ generation: 'gen10' });
  const answer = await ask(own.ilo, ALL, { method: 'POST', body });
  expect([answer.status, answer.text.includes(key)]).toEqual([400, true]);
});
