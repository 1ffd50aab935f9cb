import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import { FerricError } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import {
  createRibclClient, insertVirtualMedia, readCurrentBootMode, readFirmwareVersion, readHostData, readHostPower, readIdentifyLight, readLicences, readOneTimeBoot,
  readPowerReadings, readProductName, readServerName, readSupportedBootModes, readUser, readVirtualMedia, resetServer, setHostPower, type RibclCommand,
} from '../../src/client/ribcl/index.js';
import { resultOf } from '../../src/client/ribcl/match-reply.js';
import { parseReply } from '../../src/client/ribcl/wire/parse-reply.js';
import { raw, rawBody } from './support/fixtures.js';
import { answer, http, SILENT, startIlo } from './support/ilo-server.js';

const rejection = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => expect.fail(`it was fulfilled with ${inspect(value)}`),
    (error: unknown) => error,
  );
const codeOrValue = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return FerricError.is(error) ? error.code : error;
  }
};

describe('byte-exact answers of an iLO 3 through the real transport', () => {
  const captures: readonly (readonly [fixture: string, command: RibclCommand<unknown>])[] = [
    ['get_all_licenses', readLicences()],
    ['get_current_boot_mode', readCurrentBootMode()],
    ['get_fw_version', readFirmwareVersion()],
    ['get_host_data', readHostData()],
    ['get_host_power_status', readHostPower()],
    ['get_one_time_boot', readOneTimeBoot()],
    ['get_power_readings', readPowerReadings()],
    ['get_product_name', readProductName()],
    ['get_server_name', readServerName()],
    ['get_supported_boot_mode', readSupportedBootModes()],
    ['get_uid_status', readIdentifyLight()],
    ['get_user', readUser('Administrator')],
    ['get_vm_status', readVirtualMedia('CDROM')],
  ];

  test.each(captures)('%s', async (fixture, command) => {
    await using ilo = await startIlo(() => raw(fixture));
    await using client = createRibclClient(ilo.settings());
    // What the same body means without the transport is asserted value by value in answers.test.ts.
    const expected = codeOrValue(() => resultOf(command, parseReply(rawBody(fixture))));
    const result = await client.run(command).catch((error: unknown) => (error as FerricError).code);
    expect(inspect(result, { depth: null })).toBe(inspect(expected, { depth: null }));
    expect(ilo.connections).toEqual({ open: expect.any(Number) as number, most: 1, total: 1 });
  });

  test('an answer that comes in two pieces, cut at every offset', async () => {
    const bytes = raw('get_product_name');
    let cut = 0;
    await using ilo = await startIlo((_received, socket) => {
      socket.write(bytes.subarray(0, cut), () => socket.end(bytes.subarray(cut)));
      return undefined;
    });
    await using client = createRibclClient(ilo.settings());
    for (cut = 1; cut < bytes.length; cut += 1) expect(await client.run(readProductName()), `cut at ${cut}`).toBe('ProLiant BL460c G7');
    expect(ilo.connections.total).toBe(bytes.length - 1);
  }, 120_000);

  test('an answer that comes byte by byte', async () => {
    const bytes = raw('get_fw_version');
    await using ilo = await startIlo((_received, socket) => {
      const send = (at: number): void => {
        if (at === bytes.length) socket.end();
        else socket.write(bytes.subarray(at, at + 1), () => send(at + 1));
      };
      send(0);
      return undefined;
    });
    await using client = createRibclClient(ilo.settings());
    expect((await client.run(readFirmwareVersion())).version).toBe('1.82');
  }, 30_000);

  test('an answer whose end is the end of the connection', async () => {
    await using ilo = await startIlo(() => `HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n${rawBody('get_product_name')}`);
    await using client = createRibclClient(ilo.settings());
    expect(await client.run(readProductName())).toBe('ProLiant BL460c G7');
  });
});

describe('faults while a change is made', () => {
  const bytes = raw('get_product_name');
  const change = insertVirtualMedia('CDROM', new URL('http://192.0.2.1/x.iso'));
  const lost = { retryable: false, hint: expect.stringMatching(/^The change may have been made/) as string };

  test.each<readonly [string, Buffer | string, 'end' | 'reset']>([
    ['closes without an answer', '', 'end'],
    ['resets without an answer', '', 'reset'],
    ['closes within the status line', bytes.subarray(0, 7), 'end'],
    ['closes within the headers', bytes.subarray(0, 100), 'end'],
    ['closes within a chunk', bytes.subarray(0, 400), 'end'],
    ['resets within a chunk', bytes.subarray(0, 400), 'reset'],
    ['closes before the last chunk', bytes.subarray(0, -5), 'end'],
    ['closes before the promised length', http(SILENT).slice(0, -3), 'end'],
  ])('the controller %s: UNREACHABLE, sent, and sent once', async (_what, part, ending) => {
    await using ilo = await startIlo((_received, socket, reset) => {
      if (ending === 'end') return part;
      if (part.length === 0) reset();
      else socket.write(part, reset);
      return undefined;
    });
    await using client = createRibclClient(ilo.settings());
    for (const command of [change, setHostPower(true), resetServer()]) {
      expect(await rejection(client.run(command))).toMatchObject({ code: 'UNREACHABLE', ...lost, details: { address: client.address, command: command.request.name, sent: true } });
    }
    expect(ilo.requests).toHaveLength(3);
    expect(ilo.connections.total).toBe(3);
  });

  test('the controller is silent: TIMEOUT, sent, and the connection is closed', async () => {
    const closed = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    await using ilo = await startIlo((_received, socket) => {
      socket.on('close', () => closed.resolve());
      asked.resolve();
      return undefined;
    });
    const clock = createFakeClock();
    await using client = createRibclClient(ilo.settings({ clock }));
    const call = rejection(client.run(resetServer()));
    await asked.promise;
    await clock.advance(59_999);
    expect(await Promise.race([call, turn('running')])).toBe('running');
    await clock.advance(1);
    expect(await call).toMatchObject({ code: 'TIMEOUT', ...lost, details: { address: client.address, command: 'RESET_SERVER', sent: true, timeoutMs: 60_000 } });
    await closed.promise;
    expect(ilo.requests).toHaveLength(1);
  });

  test('the answer stops in the middle: TIMEOUT by the time of the caller', async () => {
    const answered = Promise.withResolvers<void>();
    await using ilo = await startIlo((_received, socket) => {
      socket.write(bytes.subarray(0, 400), () => answered.resolve());
      return undefined;
    });
    const clock = createFakeClock();
    await using client = createRibclClient(ilo.settings({ clock }));
    const call = rejection(client.run(change, { timeoutMs: 200 }));
    await answered.promise;
    await clock.advance(200);
    expect(await call).toMatchObject({ code: 'TIMEOUT', ...lost, details: { sent: true, timeoutMs: 200 } });
  });

  test('an answer without a document leaves open what was done', async () => {
    await using ilo = await startIlo(() => http('<html/>'));
    await using client = createRibclClient(ilo.settings());
    expect(await rejection(client.run(change))).toMatchObject({ code: 'PROTOCOL_FAULT', ...lost, details: { sent: true } });
  });

  test('a caller who leaves gets the own reason, whatever it is', async () => {
    const asked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let count = 0;
    await using ilo = await startIlo(() => asked[count++]?.resolve());
    await using client = createRibclClient(ilo.settings());
    for (const [index, reason] of [new Error('mine'), new FerricError('TIMEOUT', 'of the caller')].entries()) {
      const caller = new AbortController();
      const call = rejection(client.run(change, { signal: caller.signal }));
      await asked[index]?.promise;
      caller.abort(reason);
      expect(await call).toBe(reason);
    }
    expect(await rejection(client.run(change, { signal: AbortSignal.abort('before') }))).toBe('before');
    expect(ilo.requests).toHaveLength(2);
  });

  test('a time that is none is refused', async () => {
    await using ilo = await startIlo(() => http(SILENT));
    await using client = createRibclClient(ilo.settings());
    expect(await rejection(client.run(change, { timeoutMs: 0 }))).toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(ilo.connections.total).toBe(0);
  });
});

describe('faults before anything is sent', () => {
  test('nothing listens: UNREACHABLE, not sent, and may be tried again', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    await using ilo = await startIlo(() => http(SILENT));
    await using client = createRibclClient(ilo.settings({ port }));
    expect(await rejection(client.run(resetServer()))).toMatchObject({ code: 'UNREACHABLE', retryable: true, details: { address: client.address, sent: false } });
  });

  test('a certificate that is not trusted: TLS_UNTRUSTED, and no request goes out', async () => {
    await using ilo = await startIlo(() => http(SILENT));
    await using client = createRibclClient(ilo.settings({ tls: {} }));
    expect(await rejection(client.run(resetServer()))).toMatchObject({ code: 'TLS_UNTRUSTED', details: { address: client.address, sent: false, fingerprint: expect.any(String) as string } });
    expect(ilo.requests).toHaveLength(0);
  });

  test('what listens does not speak TLS', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.resume();
      socket.end('220 mail.example ESMTP\r\n');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await using ilo = await startIlo(() => http(SILENT));
    await using client = createRibclClient(ilo.settings({ port: (server.address() as AddressInfo).port }));
    expect(await rejection(client.run(resetServer()))).toMatchObject({ code: 'PROTOCOL_FAULT', details: { sent: false } });
    server.close();
    await once(server, 'close');
  });

  test('a controller that recovers is asked with the next call', async () => {
    await using ilo = await startIlo((_received, _socket, reset) => reset());
    await using client = createRibclClient(ilo.settings());
    expect(await rejection(client.run(readHostPower()))).toMatchObject({ code: 'UNREACHABLE', retryable: true, details: { sent: true } });
    ilo.answerer = () => answer('<GET_HOST_POWER HOST_POWER="OFF"/>');
    expect(await client.run(readHostPower())).toBe('power off');
  });
});

test('an answer of more than 2 MiB is a PROTOCOL_FAULT, and is not read to its end', async () => {
  const chunk = Buffer.alloc(256 * 1024, 'x');
  await using ilo = await startIlo((_received, socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<?xml version="1.0"?>');
    // It has no end. Whoever reads gets a turn after each part.
    const more = (): void => void (socket.destroyed || socket.write(chunk, () => setImmediate(more)));
    more();
    return undefined;
  });
  await using client = createRibclClient(ilo.settings());
  expect(await rejection(client.run(readHostPower()))).toMatchObject({ code: 'PROTOCOL_FAULT', message: expect.stringContaining('2097152 bytes') as string, details: { sent: true } });
  await expect.poll(() => ilo.connections.open).toBe(0);
});

test('an answer of 1.7 MB is read', async () => {
  const events = '<EVENT SEVERITY="Informational" CLASS="iLO 4" COUNT="1" DESCRIPTION="Browser login"/>'.repeat(19_900);
  await using ilo = await startIlo(() => answer(`<GET_HOST_POWER HOST_POWER="ON"/><EVENT_LOG>${events}</EVENT_LOG>`));
  await using client = createRibclClient(ilo.settings());
  expect(await client.run(readHostPower())).toBe('power on');
}, 30_000);
