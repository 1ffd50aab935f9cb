import { describe, expect, test } from 'vitest';
import { envelope, faultAnswer, http, plainAnswer, valueOf } from './support/answers.js';
import { type DigestDevice, named, startDigestDevice } from './support/digest-device.js';
import { makeClient, rejection } from './support/make-client.js';
import type { ReceivedRequest } from './support/raw-device.js';

const context = (text: string): string => `<d:EnumerationContext>${text}</d:EnumerationContext>`;
const started = (text: string): string => `<d:EnumerateResponse>${context(text)}</d:EnumerateResponse>`;
const page = (items: readonly string[], rest: string): string => `<d:PullResponse><d:Items>${items.map((item) => `<x:I xmlns:x="urn:x"><x:N>${item}</x:N></x:I>`).join('')}</d:Items>${rest}</d:PullResponse>`;

/** Answers each operation by what `bodies` says of it; a Get and a Release plainly. */
function device(bodies: (request: ReceivedRequest, pulls: number) => string | undefined): Promise<DigestDevice> {
  let pulls = 0;
  return startDigestDevice({
    handle(request, socket) {
      if (named(request).startsWith('Pull')) pulls += 1;
      const body = bodies(request, pulls);
      if (body !== undefined) socket.write(http(body.startsWith('<?xml') ? body : envelope(request, body)));
      else if (named(request).startsWith('Release')) socket.write(http(envelope(request, '')));
      else if (named(request).startsWith('Get')) socket.write(http(plainAnswer(request)));
    },
  });
}

const texts = (items: Awaited<ReturnType<ReturnType<typeof makeClient>['enumerate']>>): readonly (string | undefined)[] => items.map(({ children }) => children[0]?.text);

describe('a list', () => {
  test('is had by one Pull, as a rule', async () => {
    await using lister = await device((request) => (named(request).startsWith('Enumerate') ? started('7700000-0000-0000-0000-000000000000') : page(['a', 'b'], '<d:EndOfSequence/>')));
    await using client = makeClient(lister);
    expect(texts(await client.enumerate('CIM_PhysicalMemory'))).toEqual(['a', 'b']);
    expect(lister.accepted.map(named)).toEqual(['Enumerate CIM_PhysicalMemory', 'Pull CIM_PhysicalMemory']);
    expect(valueOf(lister.accepted[1]?.body ?? '', 'EnumerationContext')).toBe('7700000-0000-0000-0000-000000000000');
  });

  test('is pulled to its end, each time with the newest context', async () => {
    await using lister = await device((request, pulls) => (named(request).startsWith('Enumerate') ? started('0') : page([`${pulls}`], pulls < 4 ? context(String(pulls)) : '<d:EndOfSequence/>')));
    await using client = makeClient(lister);
    expect(texts(await client.enumerate('CIM_PhysicalMemory'))).toEqual(['1', '2', '3', '4']);
    expect(lister.accepted.slice(1).map(({ body }) => valueOf(body, 'EnumerationContext'))).toEqual(['0', '1', '2', '3']);
  });

  test.each([
    ['without a context and without an end', page(['a'], ''), 1],
    ['with an end and a context', page(['a'], `${context('9')}<d:EndOfSequence/>`), 1],
    ['without instances', '<d:PullResponse><d:EndOfSequence/></d:PullResponse>', 0],
    ['with an empty list', page([], '<d:EndOfSequence/>'), 0],
  ])('ends with an answer %s', async (_name, answer, count) => {
    await using lister = await device((request) => (named(request).startsWith('Enumerate') ? started('1') : answer));
    await using client = makeClient(lister);
    expect(await client.enumerate('CIM_PhysicalMemory')).toHaveLength(count);
    expect(lister.accepted).toHaveLength(2);
  });

  test('that is whole in the first answer is not pulled', async () => {
    await using lister = await device(() => '<d:EnumerateResponse><d:Items><x/></d:Items><d:EndOfSequence/></d:EnumerateResponse>');
    await using client = makeClient(lister);
    expect(await client.enumerate('CIM_PhysicalMemory')).toHaveLength(1);
    expect(lister.accepted).toHaveLength(1);
  });

  test('is read to its end before another call has its turn', async () => {
    await using lister = await device((request, pulls) => {
      if (named(request).startsWith('Enumerate')) return started('1');
      return named(request).startsWith('Pull') ? page(['a'], pulls % 2 === 1 ? context('2') : '<d:EndOfSequence/>') : undefined;
    });
    await using client = makeClient(lister);
    await Promise.all([client.enumerate('CIM_Fan'), client.get('CIM_Card'), client.enumerate('CIM_Battery')]);
    expect(lister.accepted.map(named)).toEqual(['Enumerate CIM_Fan', 'Pull CIM_Fan', 'Pull CIM_Fan', 'Get CIM_Card', 'Enumerate CIM_Battery', 'Pull CIM_Battery', 'Pull CIM_Battery']);
  });
});

describe('a list that does not come about', () => {
  test('because it has no end: refused after 100 requests, and given back', async () => {
    await using lister = await device((request) => {
      if (named(request).startsWith('Enumerate')) return started('1');
      return named(request).startsWith('Pull') ? page(['a'], context('1')) : undefined;
    });
    await using client = makeClient(lister);
    expect(await rejection(client.enumerate('CIM_Sensor'))).toMatchObject({ code: 'PROTOCOL_FAULT', details: { pulls: 100, items: 100, resource: 'CIM_Sensor', operation: 'Enumerate' } });
    expect(lister.accepted).toHaveLength(102);
    expect(lister.accepted.at(-1)?.body).toContain('EnumerationContext>1<');
    expect(lister.accepted.map(named).at(-1)).toBe('Release CIM_Sensor');
  });

  test('because it has too many instances', async () => {
    const many = page(Array.from({ length: 999 }, () => 'x'), context('1'));
    await using lister = await device((request) => {
      if (named(request).startsWith('Enumerate')) return started('1');
      return named(request).startsWith('Pull') ? many : undefined;
    });
    await using client = makeClient(lister);
    expect(await rejection(client.enumerate('CIM_Sensor'))).toMatchObject({ code: 'PROTOCOL_FAULT', details: { pulls: 11 } });
  });

  test('because the device forgot it: not given back', async () => {
    await using lister = await device((request) => {
      if (named(request).startsWith('Enumerate')) return started('1');
      return named(request).startsWith('Pull') ? faultAnswer(request, 'InvalidEnumerationContext') : undefined;
    });
    await using client = makeClient(lister);
    expect(await rejection(client.enumerate('CIM_Sensor'))).toMatchObject({ code: 'BUSY', retryable: true, details: { subcode: 'InvalidEnumerationContext' } });
    await client.get('CIM_Card');
    expect(lister.accepted.map(named)).toEqual(['Enumerate CIM_Sensor', 'Pull CIM_Sensor', 'Get CIM_Card']);
  });

  test('because the caller left: given back, and only then is it the next call\'s turn', async () => {
    const controller = new AbortController();
    const reason = new Error('I left');
    await using lister = await device((request) => {
      if (named(request).startsWith('Enumerate')) return started('5');
      if (named(request).startsWith('Pull')) controller.abort(reason);
      return undefined;
    });
    await using client = makeClient(lister);
    const listing = rejection(client.enumerate('CIM_Sensor', { signal: controller.signal }));
    const next = client.get('CIM_Card');
    expect(await listing).toBe(reason);
    expect((await next).name).toBe('CIM_Card');
    expect(lister.accepted.map(named)).toEqual(['Enumerate CIM_Sensor', 'Pull CIM_Sensor', 'Release CIM_Sensor', 'Get CIM_Card']);
    expect(valueOf(lister.accepted[2]?.body ?? '', 'EnumerationContext')).toBe('5');
  });

  test('because the client was closed: it ends at once', async () => {
    await using lister = await device((request) => (named(request).startsWith('Enumerate') ? started('5') : undefined));
    const client = makeClient(lister);
    const listing = rejection(client.enumerate('CIM_Sensor'));
    await lister.received(3);
    await client[Symbol.asyncDispose]();
    expect(await listing).toMatchObject({ code: 'ABORTED' });
    await lister.quiet();
    expect(lister.accepted.map(named)).not.toContain('Release CIM_Sensor');
  });

  test.each([
    ['no body', ''],
    ['another body', '<x/>'],
  ])('because the answer has %s', async (_name, body) => {
    await using lister = await device(() => body);
    await using client = makeClient(lister);
    expect(await rejection(client.enumerate('CIM_Sensor'))).toMatchObject({ code: 'PROTOCOL_FAULT', details: { expected: 'EnumerateResponse' } });
  });
});
