import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { type JsonObject, Secret } from '@ferric/core';
import { expect, onTestFinished, test } from 'vitest';
import { failure, startBench } from './bench.js';
import { meddle } from './meddle.js';

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly body: JsonObject;
}

/** Somebody on 127.0.0.1 who takes events, and refuses as many as it is told to. */
async function startReceiver(refusals = 0): Promise<{ readonly url: string; next(): Promise<Received>; readonly seen: number }> {
  const waiting: ((received: Received) => void)[] = [];
  const arrived: Received[] = [];
  let seen = 0;
  const server = createServer((request, response) => {
    seen += 1;
    if (seen <= refusals) return void request.resume().once('end', () => response.writeHead(503).end());
    void json(request).then((body) => {
      response.end();
      const received = { headers: request.headers, body: body as JsonObject };
      const taker = waiting.shift();
      if (taker === undefined) arrived.push(received);
      else taker(received);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.close().closeAllConnections();
    await once(server, 'close');
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    next: async () => arrived.shift() ?? new Promise((resolve) => void waiting.push(resolve)),
    get seen() {
      return seen;
    },
  };
}

test.each(['gen10', 'gen11'] as const)('%s: who subscribed is told of changes of power, until the end', async (generation) => {
  const receiver = await startReceiver();
  const { ilo, client } = await startBench({ generation });
  const made = await client.subscriptions.create({ destination: receiver.url, context: 'rack-1', httpHeaders: [{ Authorization: new Secret('Bearer planted') }] });
  expect(made).toEqual({ id: '1', destination: receiver.url, context: 'rack-1', protocol: 'Redfish', eventTypes: ['Alert'] });
  expect([await client.subscriptions.list(), await client.subscriptions.read('1')]).toEqual([[made], made]);
  expect((await client.subscriptions.readCollection())['Members']).toHaveLength(1);
  await client.power.set('power on');
  const { headers, body } = await receiver.next();
  expect(headers.authorization).toBe('Bearer planted');
  expect(body).toMatchObject({ Context: 'rack-1', Events: [{ EventType: 'Alert', MessageId: 'iLOEvents.2.1.ServerPoweredOn' }] });
  await client.subscriptions.test('Hello');
  expect((await receiver.next()).body).toMatchObject({ Events: [{ Message: 'Hello', EventType: 'Alert' }] });
  await client.subscriptions.remove('1');
  expect((await failure(client.subscriptions.read('1'))).code).toBe('NOT_FOUND');
  ilo.machine.power.put(false);
  expect([await client.subscriptions.list(), receiver.seen]).toEqual([[], 2]);
});

test('an iLO that starts anew keeps them; there is room for ten', async () => {
  const { client } = await startBench({ generation: 'gen10' });
  for (let index = 0; index < 10; index += 1) await client.subscriptions.create({ destination: `https://192.0.2.9/${index}` });
  expect((await failure(client.subscriptions.create({ destination: 'https://192.0.2.9/10' }))).code).toBe('BUSY');
  await client.controller.reset();
  expect(await client.subscriptions.list()).toHaveLength(10);
});

test('kinds of events that it does not know are refused before anything is sent, and others are not told', async () => {
  const receiver = await startReceiver();
  const { ilo, client } = await startBench({ generation: 'gen10' });
  expect((await failure(client.subscriptions.create({ destination: receiver.url, eventTypes: ['Weather'] }))).code).toBe('INVALID_OPTIONS');
  expect(ilo.activity.operations).toEqual({});
  await client.subscriptions.create({ destination: receiver.url, eventTypes: ['ResourceAdded'] });
  await client.subscriptions.create({ destination: receiver.url, eventTypes: ['Alert'], context: 'alerts' });
  await client.subscriptions.test('Hello');
  expect([(await receiver.next()).body['Context'], receiver.seen]).toEqual(['alerts', 1]);
});

test('an answer that gets lost does not lead to a second subscription', async () => {
  const { client } = await startBench({ generation: 'gen10' });
  await client.subscriptions.create({ destination: 'https://192.0.2.9/events' });
  const meddling = meddle(({ method, url, socket }, response) => {
    if (method === 'POST' && /Subscriptions/.test(url ?? '')) response.writeHead = (() => socket.destroy()) as never;
    return false;
  });
  expect(await client.subscriptions.create({ destination: 'https://192.0.2.9/events' })).toMatchObject({ id: '2' });
  meddling[Symbol.dispose]();
  expect(await client.subscriptions.list()).toHaveLength(2);
});

test('an iLO 4 has none', async () => {
  const { client } = await startBench({ generation: 'gen8' });
  expect(await failure(client.subscriptions.list())).toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('subscriptions to events') as string });
});
