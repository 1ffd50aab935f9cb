import { describe, expect, test } from 'vitest';
import { envelope, faultAnswer, http, plainAnswer } from './support/answers.js';
import { named, PASSWORD, REALM, startDigestDevice, unauthorized } from './support/digest-device.js';
import { makeClient, rejection } from './support/make-client.js';
import { type ReceivedRequest, startRawDevice } from './support/raw-device.js';

describe('a session', () => {
  test('sends the first request twice and every other once, over one new connection after the 401', async () => {
    await using device = await startDigestDevice();
    await using client = makeClient(device);
    for (const resource of ['CIM_Chassis', 'CIM_Card', 'CIM_Chip']) expect((await client.get(resource)).name).toBe(resource);
    expect(device.requests.map(named)).toEqual(['Get CIM_Chassis', 'Get CIM_Chassis', 'Get CIM_Card', 'Get CIM_Chip']);
    expect(device.requests.map(({ connection }) => connection)).toEqual([0, 1, 1, 1]);
    expect(client.counters).toEqual({ connections: 2, requests: 4, repeats: 0, wakeAttempts: 0 });
  });

  test('sends the header in the layout that devices take, and counts the uses of a nonce', async () => {
    await using device = await startDigestDevice();
    await using client = makeClient(device);
    await client.get('CIM_Chassis');
    await client.get('CIM_Chassis');
    const [first, second, third] = device.requests.map(({ headers }) => headers.get('authorization'));
    expect(first).toBeUndefined();
    expect(second).toMatch(
      new RegExp(`^Digest username="admin", realm="${REALM}", nonce="bQali2IAAAAAAAAAn0xaWCOcxNsRcE/1==", uri="/wsman", qop=auth, nc=00000001, cnonce="[0-9a-f]{32}", response="[0-9a-f]{32}"$`),
    );
    expect(third).toContain('nc=00000002,');
    expect(/cnonce="(\w+)"/.exec(third ?? '')?.[1]).toBe(/cnonce="(\w+)"/.exec(second ?? '')?.[1]);
  });

  test('sends plain HTTP/1.1 with the length in bytes', async () => {
    await using device = await startDigestDevice({ closeWith401: false });
    await using client = makeClient(device);
    await client.invoke('AMT_AlarmClockService', 'AddAlarm', { fields: [{ name: 'ElementName', value: 'Überprüfung 時計' }] });
    const [request] = device.accepted.slice(-1);
    expect(request?.startLine).toBe('POST /wsman HTTP/1.1');
    expect(request?.headers.get('host')).toBe(`127.0.0.1:${device.port}`);
    expect(request?.headers.get('content-type')).toBe('application/soap+xml; charset=utf-8');
    expect(request?.headers.get('content-length')).toBe(String(Buffer.byteLength(request?.body ?? '')));
    expect([...(request?.headers.keys() ?? [])].toSorted()).toEqual(['authorization', 'connection', 'content-length', 'content-type', 'host']);
    expect(request?.body).toContain('>Überprüfung 時計<');
  });

  test.each(['auth-int, auth', 'auth-int,auth', 'auth', 'auth-int'])('logs in where %s is offered', async (qop) => {
    await using device = await startDigestDevice({ qop });
    await using client = makeClient(device);
    await client.get('CIM_Chassis');
    await client.get('CIM_Chassis');
    expect(device.accepted).toHaveLength(2);
    expect(device.accepted[0]?.headers.get('authorization')).toContain(qop === 'auth-int' ? 'qop=auth-int,' : 'qop=auth,');
  });

  test('takes a new nonce when the old one is refused, at any request', async () => {
    await using device = await startDigestDevice({ nonceUses: 2 });
    await using client = makeClient(device);
    for (let index = 0; index < 7; index += 1) await client.get('CIM_Chassis');
    expect(device.accepted).toHaveLength(7);
    expect(device.refusals).toBe(3);
  });

  test('a nonce that expires in the middle of a list does not end it', async () => {
    const pages = ['<d:EnumerateResponse><d:EnumerationContext>1</d:EnumerationContext></d:EnumerateResponse>', '<d:PullResponse><d:Items><x/></d:Items><d:EndOfSequence/></d:PullResponse>'];
    await using device = await startDigestDevice({
      handle(request, socket) {
        socket.write(http(envelope(request, pages.shift() ?? '')));
        device.expireNonce();
      },
    });
    await using client = makeClient(device);
    expect(await client.enumerate('CIM_PhysicalMemory')).toHaveLength(1);
    expect(device.refusals).toBe(1);
  });
});

describe('refusal', () => {
  test('of credentials that were never accepted is final after one try: not retryable, the password shown nowhere', async () => {
    await using device = await startDigestDevice();
    await using client = makeClient(device, { password: 'wrong-One1!' });
    const error = await rejection(client.get('CIM_Chassis'));
    expect(error).toMatchObject({ code: 'AUTH_FAILED', retryable: false, details: { address: `127.0.0.1:${device.port}`, username: 'admin', sent: false } });
    expect(JSON.stringify(error)).not.toContain('wrong-One1!');
    expect(device.refusals).toBe(1);
  });

  test('credentials that were refused are not sent again by the same client', async () => {
    await using device = await startDigestDevice();
    await using client = makeClient(device, { password: 'wrong-One1!' });
    await rejection(client.get('CIM_Chassis'));
    const before = device.requests.length;
    expect(await rejection(client.get('CIM_Chassis'))).toMatchObject({ code: 'AUTH_FAILED' });
    expect(await rejection(client.enumerate('CIM_Card'))).toMatchObject({ code: 'AUTH_FAILED' });
    expect(device.requests).toHaveLength(before);
  });

  test('a client that was let in, and whose password was changed, is refused after one old and two fresh nonces', async () => {
    let open = true;
    await using device = await startRawDevice((request, socket) => {
      if (open && request.headers.has('authorization')) socket.write(http(plainAnswer(request)));
      else socket.write(unauthorized(`nonce${request.index}`, 'auth', false));
    });
    await using client = makeClient(device);
    await client.get('CIM_Chassis');
    open = false;
    expect(await rejection(client.get('CIM_Chassis'))).toMatchObject({ code: 'AUTH_FAILED' });
    expect(device.requests).toHaveLength(5);
  });

  test('of a change says that it was not made', async () => {
    let open = true;
    await using device = await startRawDevice((request, socket) => {
      if (open && request.headers.has('authorization')) socket.write(http(plainAnswer(request)));
      else socket.write(unauthorized(`nonce${request.index}`, 'auth', false));
    });
    await using client = makeClient(device);
    await client.get('CIM_Chassis');
    open = false;
    expect(await rejection(client.put('AMT_RedirectionService', { fields: [] }))).toMatchObject({ code: 'AUTH_FAILED', details: { operation: 'Put', sent: false } });
    expect(device.requests.slice(2).map(named)).toEqual(Array.from({ length: 3 }, () => 'Put AMT_RedirectionService'));
  });

  test('of one fresh nonce says nothing of credentials that were good before: devices reset their nonces now and then', async () => {
    let refusals = 0;
    await using device = await startRawDevice((request, socket) => {
      if (refusals === 0 && request.headers.has('authorization')) socket.write(http(plainAnswer(request)));
      else socket.write(unauthorized(`nonce${(refusals -= refusals > 0 ? 1 : 0)}`, 'auth', false));
    });
    await using client = makeClient(device);
    await client.get('CIM_Chassis');
    refusals = 2;
    expect((await client.get('CIM_Chassis')).name).toBe('CIM_Chassis');
    expect(device.requests).toHaveLength(5);
  });

  test('of a nonce that was got by a call which was given up says nothing: it is not used by the next', async () => {
    const controller = new AbortController();
    await using device = await startDigestDevice({ handle: (request, socket) => void (controller.signal.aborted ? socket.write(http(plainAnswer(request))) : undefined) });
    await using client = makeClient(device);
    const first = rejection(client.get('CIM_Chassis', { signal: controller.signal }));
    await device.received(2);
    controller.abort('enough');
    expect(await first).toBe('enough');
    device.expireNonce();
    expect((await client.get('CIM_Chassis')).name).toBe('CIM_Chassis');
    expect(device.refusals).toBe(0);
  });

  test('a storm of 401 ends, and nothing that changes the device is sent in it', async () => {
    await using device = await startRawDevice((request, socket) => void socket.write(unauthorized(`nonce${request.index}`, 'auth', false)));
    await using client = makeClient(device);
    expect(await rejection(client.invoke('CIM_PowerManagementService', 'RequestPowerStateChange'))).toMatchObject({ code: 'AUTH_FAILED', details: { sent: false } });
    expect(device.requests.map(named)).toEqual(Array.from({ length: 2 }, () => 'Get AMT_GeneralSettings'));
  });

  test.each([
    ['Basic realm="x"', 'basic'],
    ['Negotiate', 'negotiate'],
    ['Digest realm="x", nonce="y", algorithm=SHA-999', 'digest'],
    ['Digest realm="x", nonce="y", qop="magic"', 'digest'],
    ['Digest realm="x"', 'digest'],
  ])('sends no password where only %s is offered', async (offer, offered) => {
    await using device = await startRawDevice((_request, socket) => void socket.write(http('', { status: '401 Unauthorized', headers: [`WWW-Authenticate: ${offer}`] })));
    await using client = makeClient(device);
    expect(await rejection(client.get('CIM_Chassis'))).toMatchObject({ code: 'AUTH_FAILED', details: { offered } });
    expect(device.requests).toHaveLength(1);
  });

  test('a 401 without any challenge is told as such', async () => {
    await using device = await startRawDevice((_request, socket) => void socket.write(http('', { status: '401 Unauthorized' })));
    await using client = makeClient(device);
    expect(await rejection(client.get('CIM_Chassis'))).toMatchObject({ code: 'AUTH_FAILED', details: { offered: 'nothing' } });
  });

  test('the digest is picked among several offers, in one header or in several', async () => {
    const offers = [`WWW-Authenticate: Negotiate, Basic realm="a, b", Digest realm="${REALM}",nonce=abc/==,qop=auth`, 'WWW-Authenticate: Kerberos'];
    await using device = await startRawDevice((request, socket) => {
      if (request.headers.has('authorization')) socket.write(http(plainAnswer(request)));
      else socket.write(http('', { status: '401 Unauthorized', headers: offers.toReversed() }));
    });
    await using client = makeClient(device);
    await client.get('CIM_Chassis');
    expect(device.requests[1]?.headers.get('authorization')).toMatch(/^Digest .*nonce="abc\/=="/);
    expect(device.requests[1]?.head).not.toContain(PASSWORD);
  });
});

describe('a request that changes the device', () => {
  test('goes out only after an answer to a question that changes nothing', async () => {
    await using device = await startDigestDevice();
    await using client = makeClient(device);
    await client.invoke('CIM_PowerManagementService', 'RequestPowerStateChange', { fields: [{ name: 'PowerState', value: 8 }] });
    expect(device.requests.map(named)).toEqual(['Get AMT_GeneralSettings', 'Get AMT_GeneralSettings', 'RequestPowerStateChange CIM_PowerManagementService']);
  });

  test('goes out at once when the last answer is fresh', async () => {
    await using device = await startDigestDevice();
    await using client = makeClient(device);
    await client.get('CIM_AssociatedPowerManagementService');
    await client.invoke('CIM_PowerManagementService', 'RequestPowerStateChange', { fields: [{ name: 'PowerState', value: 8 }] });
    expect(device.accepted.map(named)).toEqual(['Get CIM_AssociatedPowerManagementService', 'RequestPowerStateChange CIM_PowerManagementService']);
  });

  test('is sent again after 401, which says that it was not carried out', async () => {
    await using device = await startDigestDevice();
    await using client = makeClient(device);
    await client.get('CIM_Chassis');
    device.expireNonce();
    await client.delete('IPS_AlarmClockOccurrence', { selectors: { InstanceID: 'one' } });
    expect(device.accepted.map(named)).toEqual(['Get CIM_Chassis', 'Delete IPS_AlarmClockOccurrence']);
    expect(device.requests.filter((request) => named(request).startsWith('Delete'))).toHaveLength(2);
  });

  test.each([
    ['a fault', (request: ReceivedRequest) => http(faultAnswer(request, 'AccessDenied'), { status: '400 Bad Request' })],
    ['403', () => http('<html/>', { status: '403 Forbidden' })],
  ])('goes out although the question before was answered by %s', async (_name, refusal) => {
    await using device = await startDigestDevice({
      handle: (request, socket) => void socket.write(named(request) === 'Get AMT_GeneralSettings' ? refusal(request) : http(plainAnswer(request))),
    });
    await using client = makeClient(device);
    await client.put('AMT_RedirectionService', { fields: [] });
    expect(device.accepted.map(named)).toEqual(['Get AMT_GeneralSettings', 'Put AMT_RedirectionService']);
  });

  test('is not sent to a device that is busy', async () => {
    await using device = await startDigestDevice({ handle: (_request, socket) => void socket.write(http('', { status: '503 Service Unavailable' })) });
    await using client = makeClient(device);
    expect(await rejection(client.put('AMT_RedirectionService', { fields: [] }))).toMatchObject({ code: 'BUSY', retryable: true, details: { httpStatus: 503, sent: false } });
    expect(device.accepted.map(named)).toEqual(['Get AMT_GeneralSettings']);
  });
});
