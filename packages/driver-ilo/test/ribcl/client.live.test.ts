import { inspect } from 'node:util';
import { createGate, FerricError, Secret, TranscriptRecorder } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import {
  activateLicence, createRibclClient, readCurrentBootMode, readEventLog, readFirmwareVersion, readHostPower, readLicences, readPendingBootMode, readProductName,
  changeUser, readStatus, readUser, resetServer, setHostPower,
} from '../../src/client/ribcl/index.js';
import { answer, document, failure, http, PASSWORD, SILENT, startIlo, type Answerer, type ReceivedRequest } from './support/ilo-server.js';

const POWER_ON = '<GET_HOST_POWER HOST_POWER="ON"/>';
const FIRMWARE = '<GET_FW_VERSION FIRMWARE_VERSION="2.82" FIRMWARE_DATE="Feb 06 2023" MANAGEMENT_PROCESSOR="iLO4" LICENSE_TYPE="iLO 4 Advanced"/>';
const PRODUCT = '<GET_PRODUCT_NAME><PRODUCT_NAME VALUE="ProLiant DL380p Gen8"/></GET_PRODUCT_NAME>';
const ONE_TIME = '<ONE_TIME_BOOT><BOOT_TYPE VALUE="NORMAL"/></ONE_TIME_BOOT>';

const rejection = async (promise: Promise<unknown>): Promise<FerricError> =>
  promise.then(
    (value) => expect.fail(`it was fulfilled with ${inspect(value)}`),
    (error: unknown) => (FerricError.is(error) ? error : expect.fail(`it was rejected with ${inspect(error)}`)),
  );
const commandsIn = ({ body }: ReceivedRequest): readonly string[] => [...body.matchAll(/<((?:GET|SET)_\w+|RESET_SERVER)\b/g)].map(([, name = '']) => name);

describe('several commands with one login', () => {
  test('stand in their groups, and each gets its own answer', async () => {
    await using ilo = await startIlo(() => answer(POWER_ON, PRODUCT, FIRMWARE));
    await using client = createRibclClient(ilo.settings());
    const results = await client.readAll([readHostPower(), readProductName(), readFirmwareVersion()]);
    expect(results).toEqual([
      { ok: true, value: 'power on' },
      { ok: true, value: 'ProLiant DL380p Gen8' },
      { ok: true, value: { version: '2.82', date: 'Feb 06 2023', managementProcessor: 'iLO4', licenceType: 'iLO 4 Advanced' } },
    ]);
    expect(ilo.requests).toHaveLength(1);
    expect(ilo.requests[0]?.body.replaceAll(/\r\n/g, '')).toMatch(
      /<SERVER_INFO MODE="read"><GET_HOST_POWER_STATUS \/><GET_PRODUCT_NAME \/><\/SERVER_INFO><RIB_INFO MODE="read"><GET_FW_VERSION \/><\/RIB_INFO><\/LOGIN>/,
    );
  });

  test('what the controller left out is asked again alone, once', async () => {
    const single: Readonly<Record<string, string>> = { GET_PRODUCT_NAME: answer(PRODUCT), GET_FW_VERSION: failure('0x0023', 'privilege') };
    await using ilo = await startIlo((received) => {
      const names = commandsIn(received);
      if (names.length === 1) return single[names[0] ?? ''] ?? failure('0x0001', 'unexpected');
      return http(`${SILENT}${document(`<RESPONSE STATUS="0x0000" MESSAGE='No error'/>${POWER_ON}`)}${document(`<RESPONSE STATUS="0x0001" MESSAGE='syntax error near "GET_CURRENT_BOOT_MODE"'/>`)}`);
    });
    await using client = createRibclClient(ilo.settings());
    const [power, mode, product, firmware] = await client.readAll([readHostPower(), readCurrentBootMode(), readProductName(), readFirmwareVersion()]);
    expect(power).toEqual({ ok: true, value: 'power on' });
    expect(mode).toMatchObject({ ok: false, error: { code: 'UNSUPPORTED', details: { address: client.address, command: 'GET_CURRENT_BOOT_MODE', sent: true } } });
    expect(product).toEqual({ ok: true, value: 'ProLiant DL380p Gen8' });
    expect(firmware).toMatchObject({ ok: false, error: { code: 'REFUSED', details: { reason: 'privilege', address: client.address } } });
    expect(ilo.requests.map((received) => commandsIn(received).length)).toEqual([4, 1, 1]);
  });

  test('an answer that cannot be read is a matter of its command', async () => {
    await using ilo = await startIlo(() => answer('<GET_HOST_POWER HOST_POWER="MAYBE"/>', PRODUCT));
    await using client = createRibclClient(ilo.settings());
    const [power, product] = await client.readAll([readHostPower(), readProductName()]);
    expect(power).toMatchObject({ ok: false, error: { code: 'PROTOCOL_FAULT', details: { command: 'GET_HOST_POWER_STATUS', address: client.address } } });
    expect(product.ok).toBe(true);
  });

  test('commands that change something are refused, and nothing is sent', async () => {
    await using ilo = await startIlo(() => http(SILENT));
    await using client = createRibclClient(ilo.settings());
    expect(await rejection(client.readAll([readHostPower(), resetServer()]))).toMatchObject({ code: 'INVALID_OPTIONS', message: expect.stringContaining('RESET_SERVER') as string });
    expect(await client.readAll([])).toEqual([]);
    expect(ilo.connections.total).toBe(0);
  });

  test('two logs come in their order', async () => {
    const log = (name: string, text: string): string => `<EVENT_LOG DESCRIPTION="${name}"><EVENT SEVERITY="Caution" CLASS="x" COUNT="1" DESCRIPTION="${text}"/></EVENT_LOG>`;
    await using ilo = await startIlo(() => answer(log('Integrated Management Log', 'of the server'), log('iLO 4 Event Log', 'of the iLO')));
    await using client = createRibclClient(ilo.settings());
    const [server, controller] = await client.readAll([readEventLog('server'), readEventLog('controller')]);
    expect([server, controller].map((result) => (result.ok ? result.value[0]?.description : result.error.code))).toEqual(['of the server', 'of the iLO']);
  });
});

describe('readStatus', () => {
  test('asks once', async () => {
    await using ilo = await startIlo(() => answer(POWER_ON, PRODUCT, FIRMWARE, ONE_TIME, '<GET_PENDING_BOOT_MODE><BOOT_MODE VALUE="UEFI"/></GET_PENDING_BOOT_MODE>'));
    await using client = createRibclClient(ilo.settings());
    expect(await readStatus(client)).toEqual({
      power: 'power on', productName: 'ProLiant DL380p Gen8', oneTimeBoot: 'NORMAL', pendingBootMode: 'uefi',
      firmware: { version: '2.82', date: 'Feb 06 2023', managementProcessor: 'iLO4', licenceType: 'iLO 4 Advanced' },
    });
    expect(ilo.requests).toHaveLength(1);
  });

  test('tells null for what the hardware does not know, but not for the power', async () => {
    await using ilo = await startIlo(() => http(SILENT + document(`<RESPONSE STATUS="0x0000"/>${POWER_ON}`) + document('<RESPONSE STATUS="0x003C" MESSAGE="Feature not supported"/>')));
    await using client = createRibclClient(ilo.settings());
    expect(await readStatus(client)).toEqual({ power: 'power on', productName: null, firmware: null, oneTimeBoot: null, pendingBootMode: null });
    ilo.answerer = () => failure('0x003C', 'Feature not supported');
    expect(await rejection(readStatus(client))).toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('a refused login', () => {
  test('is AUTH_FAILED after one attempt', async () => {
    await using ilo = await startIlo(() => failure('0x005F', 'Login failed.'));
    await using client = createRibclClient(ilo.settings());
    for (const call of [client.run(resetServer()), client.readAll([readHostPower(), readProductName()])]) {
      expect(await rejection(call)).toMatchObject({ code: 'AUTH_FAILED', retryable: false, details: { address: client.address } });
    }
    expect(ilo.requests).toHaveLength(2);
  });

  test('is followed by one cheap question before the next command, and by none when that was answered', async () => {
    await using ilo = await startIlo(() => failure('0x005F', 'Login failed.'));
    await using client = createRibclClient(ilo.settings());
    await rejection(client.run(resetServer()));
    ilo.answerer = (received) => (commandsIn(received)[0] === 'GET_FW_VERSION' ? answer(FIRMWARE) : http(SILENT));
    await client.run(resetServer());
    await client.run(resetServer());
    expect(ilo.requests.map((received) => commandsIn(received).join())).toEqual(['RESET_SERVER', 'GET_FW_VERSION', 'RESET_SERVER', 'RESET_SERVER']);
  });

  test('never costs two attempts in one call, and the command is not sent', async () => {
    await using ilo = await startIlo(() => failure('0x005F', 'Login failed.'));
    await using client = createRibclClient(ilo.settings());
    await rejection(client.run(resetServer()));
    expect(await rejection(client.run(resetServer()))).toMatchObject({ code: 'AUTH_FAILED', details: { sent: false } });
    expect(ilo.requests.map((received) => commandsIn(received).join())).toEqual(['RESET_SERVER', 'GET_FW_VERSION']);
  });

  test('nonsense in answer to the cheap question is passed over', async () => {
    await using ilo = await startIlo(() => failure('0x005F', 'Login failed.'));
    await using client = createRibclClient(ilo.settings());
    await rejection(client.run(readHostPower()));
    ilo.answerer = (received) => (commandsIn(received)[0] === 'GET_FW_VERSION' ? http('') : answer(POWER_ON));
    expect(await client.run(readHostPower())).toBe('power on');
  });

  test('the cheap question itself needs no other before it', async () => {
    await using ilo = await startIlo(() => failure('0x005F', 'Login failed.'));
    await using client = createRibclClient(ilo.settings());
    await rejection(client.run(readFirmwareVersion()));
    ilo.answerer = () => answer(FIRMWARE);
    expect((await client.run(readFirmwareVersion())).version).toBe('2.82');
    expect(ilo.requests).toHaveLength(2);
  });

  test('needs no second cheap question when the next command is declined', async () => {
    await using ilo = await startIlo(() => failure('0x005F', 'Login failed.'));
    await using client = createRibclClient(ilo.settings());
    await rejection(client.run(resetServer()));
    ilo.answerer = (received) => (commandsIn(received)[0] === 'GET_FW_VERSION' ? answer(FIRMWARE) : failure('0x0099', 'Server is currently powered off.'));
    expect((await rejection(client.run(resetServer()))).code).toBe('CONFLICT');
    expect((await rejection(client.run(resetServer()))).code).toBe('CONFLICT');
    expect(ilo.requests.map((received) => commandsIn(received).join())).toEqual(['RESET_SERVER', 'GET_FW_VERSION', 'RESET_SERVER', 'RESET_SERVER']);
  });

  test('is not forgotten because the controller was away in between', async () => {
    await using ilo = await startIlo(() => failure('0x005F', 'Login failed.'));
    await using client = createRibclClient(ilo.settings());
    await rejection(client.run(resetServer()));
    ilo.answerer = () => '';
    expect((await rejection(client.run(resetServer()))).code).toBe('UNREACHABLE');
    ilo.answerer = (received) => (commandsIn(received)[0] === 'GET_FW_VERSION' ? answer(FIRMWARE) : http(SILENT));
    await client.run(resetServer());
    expect(ilo.requests.map((received) => commandsIn(received).join())).toEqual(['RESET_SERVER', 'GET_FW_VERSION', 'GET_FW_VERSION', 'RESET_SERVER']);
  });

  test('a user that is not there is no refused login', async () => {
    await using ilo = await startIlo(() => failure('0x000A', 'User login name was not found'));
    await using client = createRibclClient(ilo.settings());
    expect(await rejection(client.run(readUser('nobody')))).toMatchObject({ code: 'NOT_FOUND' });
    ilo.answerer = () => answer(POWER_ON);
    await client.run(readHostPower());
    expect(ilo.requests).toHaveLength(2);
  });
});

describe('the line', () => {
  test('20 calls at once come one after the other', async () => {
    await using ilo = await startIlo(() => answer(POWER_ON));
    await using client = createRibclClient(ilo.settings());
    const states = await Promise.all(Array.from({ length: 20 }, async () => client.run(readHostPower())));
    expect(new Set(states)).toEqual(new Set(['power on']));
    expect(ilo.connections).toEqual({ open: expect.any(Number) as number, most: 1, total: 20 });
  });

  test('clients that share a gate share the line', async () => {
    await using ilo = await startIlo(() => answer(POWER_ON));
    const gate = createGate('shared');
    await using a = createRibclClient(ilo.settings({ gate }));
    await using b = createRibclClient(ilo.settings({ gate }));
    await Promise.all([a, b, a, b].map(async (client) => client.run(readHostPower())));
    expect(ilo.connections.most).toBe(1);
  });

  test('one call more than may wait is BUSY, and was not sent', async () => {
    const asked = Promise.withResolvers<void>();
    await using ilo = await startIlo(() => asked.resolve());
    await using client = createRibclClient(ilo.settings({ gate: createGate('x', { queueLimit: 1 }) }));
    const caller = new AbortController();
    const calls = Array.from({ length: 2 }, async () => rejectionReason(client.run(readHostPower(), { signal: caller.signal })));
    await asked.promise;
    expect(await rejection(client.run(resetServer()))).toMatchObject({ code: 'BUSY', details: { sent: false, command: 'RESET_SERVER' } });
    caller.abort('enough');
    expect(await Promise.all(calls)).toEqual(['enough', 'enough']);
    expect(ilo.requests).toHaveLength(1);
  });
});

const rejectionReason = async (promise: Promise<unknown>): Promise<unknown> => promise.then(() => 'fulfilled', (reason: unknown) => reason);

describe('the end of a client', () => {
  test('ends what runs with ABORTED, refuses what comes, and closes the connection', async () => {
    const asked = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    await using ilo = await startIlo((_received, socket) => {
      socket.on('close', () => closed.resolve());
      asked.resolve();
      return undefined;
    });
    const client = createRibclClient(ilo.settings());
    const call = rejection(client.run(readHostPower()));
    await asked.promise;
    await client[Symbol.asyncDispose]();
    expect((await call).code).toBe('ABORTED');
    await closed.promise;
    expect((await rejection(client.run(readHostPower()))).code).toBe('ABORTED');
    await client[Symbol.asyncDispose]();
    expect(ilo.connections).toMatchObject({ open: 0, total: 1 });
  });
});

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

describe('what others see', () => {
  const NEW_PASSWORD = 'Brand<New>&P.a*s(s)1';
  const LICENCE = 'ABCDE-12345-FGHIJ-67890-KLMNO';
  /** Repeats all that it was sent, in every place of an answer, with more or fewer entities. */
  const parrots: readonly Answerer[] = [['<'], ['<', '>'], ['<', '&'], ['&', '<', '>']].map((special) => ({ body }) => {
    const quoted = body.replaceAll('"', "'").replaceAll(/[\r\n]+/g, ' ').replaceAll(/[&<>]/g, (character) => (special.includes(character) ? ENTITIES[character] ?? '' : character));
    return failure('0x0001', `Error: syntax error near "${quoted}"`);
  });

  test.each([
    ['a command', readHostPower()],
    ['a new password', changeUser('Administrator', { password: new Secret(NEW_PASSWORD) })],
    ['a licence key', activateLicence(new Secret(LICENCE))],
  ])('no secret of %s stands in errors and transcripts, even when the controller repeats it', async (_what, command) => {
    for (const parrot of parrots) {
      await using ilo = await startIlo(parrot);
      const transcript = new TranscriptRecorder();
      await using client = createRibclClient(ilo.settings({ transcript }));
      const error = await rejection(client.run<unknown>(command));
      const seen = [inspect(error, { depth: null }), JSON.stringify(error), inspect(client, { depth: null }), inspect(command, { depth: null }), ...transcript.frames.map(({ payload }) => String(payload))].join('\n');
      for (const secret of [PASSWORD, /Brand/, 's(s)1', LICENCE]) expect(seen).not.toMatch(secret);
      expect(ilo.requests[0]?.body).toContain(PASSWORD);
      expect(transcript.frames).toHaveLength(2);
      expect(transcript.frames[1]?.payload).toContain('syntax error near');
    }
  });

  test('the transcript tells what was asked and answered', async () => {
    await using ilo = await startIlo(() => answer(`<GET_ALL_LICENSES><LICENSE><LICENSE_TYPE VALUE="iLO 4 Advanced"/><LICENSE_KEY VALUE= "${LICENCE}"/></LICENSE></GET_ALL_LICENSES>`));
    const transcript = new TranscriptRecorder();
    const clock = createFakeClock();
    await using client = createRibclClient(ilo.settings({ transcript, clock }));
    const [licence] = await client.run(readLicences());
    expect(licence?.key?.reveal()).toBe(LICENCE);
    const [out, back] = transcript.frames;
    expect(out).toMatchObject({ at: clock.now(), direction: 'out', peer: `https ${client.address}`, protocol: 'ribcl', label: 'GET_ALL_LICENSES' });
    expect(out?.payload).toContain('PASSWORD="******"\r\n USER_LOGIN="******"\r\n');
    expect(back).toMatchObject({ direction: 'in', label: 'answer to GET_ALL_LICENSES' });
    expect(back?.payload).toContain('LICENSE_TYPE VALUE="iLO 4 Advanced"');
    expect(String(back?.payload)).not.toContain(LICENCE);
  });

  test('a long answer is cut in the transcript, and read as a whole', async () => {
    const name = 'x'.repeat(100_000);
    await using ilo = await startIlo(() => answer(`<GET_PRODUCT_NAME><PRODUCT_NAME VALUE="${name}"/></GET_PRODUCT_NAME>`));
    const transcript = new TranscriptRecorder();
    await using client = createRibclClient(ilo.settings({ transcript }));
    expect(await client.run(readProductName())).toBe(name);
    expect(String(transcript.frames[1]?.payload).length).toBeLessThan(70_000);
  });
});

describe('what answers instead of RIBCL', () => {
  test.each([
    ['an iLO 2, or RIBCL that is off', http('<html/>', '404 Not Found'), { code: 'UNSUPPORTED', details: { httpStatus: 404 } }],
    ['an iLO 6', http('{"error":"RIBCLI is disabled"}', '200 OK'), { code: 'UNSUPPORTED' }],
    ['an iLO 6 with another status', http('RIBCLI is disabled', '403 Forbidden'), { code: 'UNSUPPORTED' }],
    ['an iLO that starts', http('', '503 Service Unavailable'), { code: 'BUSY', retryable: true }],
    ['an iLO that starts, and fails', http('', '500 Internal Server Error'), { code: 'BUSY', retryable: false }],
    ['an iLO behind which nothing answers', http('', '502 Bad Gateway'), { code: 'BUSY', retryable: false }],
    ['an iLO that gave up', http('', '504 Gateway Timeout'), { code: 'BUSY', retryable: false }],
    ['RIBCL that is switched off', http('', '403 Forbidden'), { code: 'UNSUPPORTED', details: { httpStatus: 403 } }],
    ['RIBCL that takes no POST', http('', '405 Method Not Allowed'), { code: 'UNSUPPORTED', details: { httpStatus: 405 } }],
    ['a login page', http('<html/>', '401 Unauthorized'), { code: 'PROTOCOL_FAULT', details: { httpStatus: 401 } }],
    ['a redirect', http('', '301 Moved Permanently', ['Location: http://elsewhere/']), { code: 'PROTOCOL_FAULT', details: { httpStatus: 301 } }],
    ['a web page', http('<html><body>hello</body></html>'), { code: 'PROTOCOL_FAULT' }],
    ['something else than HTTP', '220 mail.example ESMTP\r\n', { code: 'PROTOCOL_FAULT' }],
  ])('%s', async (_what, bytes, expected) => {
    await using ilo = await startIlo(() => bytes);
    await using client = createRibclClient(ilo.settings());
    const error = await rejection(client.run(setHostPower(true)));
    expect(error).toMatchObject({ ...expected, details: { address: client.address, command: 'SET_HOST_POWER', sent: true, ...('details' in expected ? expected.details : {}) } });
    expect(ilo.requests).toHaveLength(1);
  });

  test.each(['500 Internal Server Error', '502 Bad Gateway', '504 Gateway Timeout'])('%s to a question may be asked again', async (status) => {
    await using ilo = await startIlo(() => http('', status));
    await using client = createRibclClient(ilo.settings());
    expect(await rejection(client.run(readHostPower()))).toMatchObject({ code: 'BUSY', retryable: true });
  });

  test.each([[false, 'NOT_FOUND'], [true, 'AUTH_FAILED']] as const)('a user that is not there, and is the own one: %s', async (isOwn, code) => {
    await using ilo = await startIlo(() => failure('0x000A', 'User login name was not found'));
    await using client = createRibclClient(ilo.settings());
    expect((await rejection(client.run(changeUser('admin', { name: 'x' }, isOwn)))).code).toBe(code);
  });

  test('the words of a command that is not known go to the caller', async () => {
    await using ilo = await startIlo(() => failure('0x003C', 'Feature not supported - GET_PENDING_BOOT_MODE'));
    await using client = createRibclClient(ilo.settings());
    expect((await rejection(client.run(readPendingBootMode()))).message).toBe(
      `${client.address}: The iLO answered GET_PENDING_BOOT_MODE with status 0x003C: Feature not supported - GET_PENDING_BOOT_MODE`,
    );
  });
});
