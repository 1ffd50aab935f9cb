import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createApiClient, type ApiClient } from '../support/api-client.js';
import { eventUuid, sampleEvent } from '../support/sample-event.js';
import { sampleNode } from '../support/sample-node.js';

/** Reads a stream until `enough` of it has come. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, enough: (text: string) => boolean): Promise<string> {
  let text = '';
  while (!enough(text)) {
    const { value, done } = await reader.read();
    if (done) return text;
    text += Buffer.from(value).toString();
  }
  return text;
}

const ids = (text: string): number[] => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

async function listening(...events: Parameters<typeof sampleEvent>[0][]): Promise<ApiClient & { readonly url: string }> {
  const api = createApiClient([sampleNode()]);
  api.services.kept.events.push(...events.map((id) => sampleEvent(id)));
  return { ...api, url: `${await api.app.listen({ host: '127.0.0.1', port: 0 })}/ferric/v1/events` };
}

async function open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<ReadableStreamDefaultReader<Uint8Array> & AsyncDisposable> {
  const leaving = new AbortController();
  const answer = await fetch(url, { headers, signal: leaving.signal });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  const reader = answer.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  return Object.assign(reader, { [Symbol.asyncDispose]: async () => leaving.abort() });
}

describe('the event stream', () => {
  test('tells what happens from now on, as it happens', async () => {
    await using api = await listening(1, 2);
    await using stream = await open(api.url);
    await readUntil(stream, (text) => text.includes(': connected'));
    api.services.commit([sampleEvent(3)]);
    const text = await readUntil(stream, (each) => each.includes('\n\n'));
    const [id, event, data] = text.split('\n');
    expect([id, event]).toEqual(['id: 3', 'event: work-failed']);
    expect(JSON.parse(data?.replace(/^data: /, '') ?? '')).toMatchObject({ id: 3, uuid: eventUuid(3), message: 'failure 3' });
  });

  test.each([
    ['Last-Event-ID', '', { 'last-event-id': '1' }],
    ['?after=', '?after=1', {}],
    ['Last-Event-ID, which wins over ?after=', '?after=0', { 'last-event-id': '1' }],
  ] as const)('resumes by %s', async (_case, query, headers) => {
    await using api = await listening(1, 2, 3);
    await using stream = await open(`${api.url}${query}`, headers);
    expect(ids(await readUntil(stream, (text) => text.includes('id: 3')))).toEqual([2, 3]);
  });

  test('tells everything once when there is more than one batch', async () => {
    const all = Array.from({ length: 1234 }, (_each, index) => index + 1);
    await using api = await listening(...all);
    await using stream = await open(`${api.url}?after=0`);
    expect(ids(await readUntil(stream, (text) => text.includes('id: 1234\n')))).toEqual(all);
  });

  test('tells of one node only on demand', async () => {
    await using api = await listening();
    const other = '11111111-1111-1111-1111-111111111111';
    api.services.kept.events.push(sampleEvent(1, { nodeUuid: other }), sampleEvent(2));
    await using stream = await open(`${api.url}?after=0&node=sample`);
    expect(ids(await readUntil(stream, (text) => text.includes('id: 2')))).toEqual([2]);
  });

  test('finds by itself what another conductor wrote', async () => {
    await using api = await listening();
    await using stream = await open(api.url);
    await readUntil(stream, (text) => text.includes(': connected'));
    api.services.kept.events.push(sampleEvent(1));
    await api.services.clock.advance(1000);
    expect(ids(await readUntil(stream, (text) => text.includes('id: 1')))).toEqual([1]);
  });

  test('gives a sign of life when nothing happens', async () => {
    await using api = await listening();
    await using stream = await open(api.url);
    await readUntil(stream, (text) => text.includes(': connected'));
    await api.services.clock.advance(15_000);
    expect(await readUntil(stream, (text) => text.includes('\n\n'))).toBe(': still here\n\n');
  });

  test('cuts off a client that does not read, and keeps little for it meanwhile', async () => {
    await using api = await listening();
    const message = 'x'.repeat(100_000);
    api.services.kept.events.push(...Array.from({ length: 2000 }, (_each, index) => sampleEvent(index + 1, { message })));
    let read = 0;
    const { after } = api.services.store.events;
    api.services.store.events.after = async (id, options) => {
      const events = await after(id, options);
      read += events.length;
      return events;
    };
    const { port, hostname } = new URL(api.url);
    const accepted = once(api.app.server, 'connection') as Promise<[Socket]>;
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(`GET /ferric/v1/events?after=0 HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
    const [connection] = await accepted;
    const closed = once(connection, 'close');
    while (connection.writableLength === 0) await new Promise((resolve) => setImmediate(resolve));
    await api.services.clock.advance(30_000);
    await closed;
    socket.destroy();
    expect(read).toBeLessThan(1000);
  });

  test('ends in good order when the conductor stops', async () => {
    const api = await listening(1);
    await using stream = await open(`${api.url}?after=0`);
    await readUntil(stream, (text) => text.includes('id: 1'));
    await api.app.close();
    expect(await readUntil(stream, () => false)).toBe('');
    expect([...api.services.listeners]).toEqual([]);
  });

  test('takes no more than 256 listeners', async () => {
    await using api = await listening();
    await using streams = new AsyncDisposableStack();
    for (let index = 0; index < 256; index += 1) streams.use(await open(api.url));
    const answer = await fetch(api.url);
    expect([answer.status, await answer.json()]).toEqual([503, { error_message: expect.stringContaining('There are 256 event streams already') as string }]);
  });

  test.each([
    ['?after=x', 'Expected an integer for after: x'],
    ['?after=-1', 'The id of an event is never negative.'],
    ['?bogus=1', 'Unexpected arguments: bogus'],
  ])('%s is refused', async (query, faultstring) => {
    await using api = createApiClient();
    const answer = await api.request('GET', `/ferric/v1/events${query}`);
    expect([answer.status, answer.error?.['faultstring']]).toEqual([400, faultstring]);
  });
});
