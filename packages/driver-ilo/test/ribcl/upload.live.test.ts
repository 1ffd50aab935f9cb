import { FerricError } from '@ferric/core';
import { createFakeClock } from '@ferric/core/testing';
import { describe, expect, test } from 'vitest';
import { createRibclClient, type FirmwareImage } from '../../src/client/ribcl/index.js';
import { failure, http, SILENT, startIlo, type Answerer } from './support/ilo-server.js';

const rejection = async (promise: Promise<unknown>): Promise<FerricError> =>
  promise.then(
    () => expect.fail('it was fulfilled'),
    (error: unknown) => (FerricError.is(error) ? error : expect.fail(String(error))),
  );

const CONTENT = Buffer.from(Array.from({ length: 5000 }, (_, index) => index % 256));
const image = (more: Partial<FirmwareImage> = {}): FirmwareImage => ({
  fileName: 'ilo4_282.bin', length: CONTENT.length, open: () => [CONTENT.subarray(0, 2000), CONTENT.subarray(2000)], ...more,
});
const COOKIE = 'session=abc123def';
/** Takes the image, then does as it is told with the request to write it. */
const taking = (answer: string): Answerer => (received) =>
  received.line.startsWith('POST /cgi-bin/uploadRibclFiles ') ? http('', '200 OK', [`Set-Cookie: ${COOKIE}; path=/`]) : answer;

describe('an update of firmware', () => {
  test('uploads the image and asks for it to be written with the cookie', async () => {
    await using ilo = await startIlo(taking(http(SILENT)));
    await using client = createRibclClient(ilo.settings());
    const progress: number[] = [];
    expect(await client.updateFirmware('ilo', image({ onProgress: (bytes) => void progress.push(bytes) }))).toEqual({ information: [] });
    expect(progress).toEqual([2000, 5000]);
    const [upload, write] = ilo.requests;
    const boundary = /^multipart\/form-data; boundary=(\S+)$/.exec(upload?.headers.get('content-type') ?? '')?.[1];
    expect(upload?.headers.get('connection')).toBe('close');
    expect(upload?.body).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="fileType"\r\n\r\n\r\n--${boundary}\r\n` +
        'Content-Disposition: form-data; name="fwimgfile"; filename="ilo4_282.bin"\r\nContent-Type: application/octet-stream\r\n\r\n' +
        `${CONTENT.toString('latin1')}\r\n--${boundary}--\r\n`,
    );
    expect(upload?.headers.get('content-length')).toBe(String(upload?.body.length));
    expect(write?.headers.get('cookie')).toBe(COOKIE);
    expect(write?.body.replaceAll('\r\n', '')).toContain(
      '<RIB_INFO MODE="write"><TPM_ENABLED VALUE="Yes" /><UPDATE_RIB_FIRMWARE IMAGE_LOCATION="ilo4_282.bin" IMAGE_LENGTH="5000" /></RIB_INFO>',
    );
    expect(ilo.requests).toHaveLength(2);
  });

  test('of another part uses the other command', async () => {
    await using ilo = await startIlo(taking(http(SILENT)));
    await using client = createRibclClient(ilo.settings());
    await client.updateFirmware('cpld', image());
    expect(ilo.requests[1]?.body).toContain('<UPDATE_FIRMWARE\r\n');
  });

  test('takes content that comes in time', async () => {
    await using ilo = await startIlo(taking(http(SILENT)));
    await using client = createRibclClient(ilo.settings());
    const open = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < CONTENT.length; at += 1000) yield Promise.resolve(CONTENT.subarray(at, at + 1000));
    };
    await client.updateFirmware('ilo', image({ open }));
    expect(ilo.requests[0]?.body).toContain(CONTENT.toString('latin1'));
  });

  test.each([
    ['less', [CONTENT.subarray(1)]],
    ['more', [CONTENT, CONTENT]],
    ['nothing', []],
  ])('of %s than the image says is given up, and nothing is written', async (_what, content) => {
    await using ilo = await startIlo(taking(http(SILENT)));
    await using client = createRibclClient(ilo.settings());
    expect(await rejection(client.updateFirmware('ilo', image({ open: () => content })))).toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(ilo.requests).toHaveLength(0);
  });

  test.each([
    ['a name with a folder', { fileName: 'a/b.bin' }],
    ['a name with a quotation mark', { fileName: 'a".bin' }],
    ['no name', { fileName: '' }],
    ['no length', { length: 0 }],
    ['half a byte', { length: 1.5 }],
  ])('with %s is refused before anything is sent', async (_what, wrong) => {
    await using ilo = await startIlo(taking(http(SILENT)));
    await using client = createRibclClient(ilo.settings());
    expect(await rejection(client.updateFirmware('ilo', image(wrong)))).toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(ilo.connections.total).toBe(0);
  });

  test.each([
    ['no cookie', http(''), 'REFUSED'],
    ['a refusal', http('', '400 Bad Request', ['Set-Cookie: a=b']), 'REFUSED'],
    ['no such page', http('', '404 Not Found'), 'UNSUPPORTED'],
  ])('that is answered with %s writes nothing', async (_what, answer, code) => {
    await using ilo = await startIlo(() => answer);
    await using client = createRibclClient(ilo.settings());
    expect(await rejection(client.updateFirmware('ilo', image()))).toMatchObject({ code, details: { address: client.address, command: 'uploadRibclFiles' } });
    expect(ilo.requests).toHaveLength(1);
  });

  test('that the controller declines tells its words', async () => {
    await using ilo = await startIlo(taking(failure('0x001B', 'The firmware image is not valid.')));
    await using client = createRibclClient(ilo.settings());
    expect(await rejection(client.updateFirmware('ilo', image()))).toMatchObject({ code: 'REFUSED', details: { command: 'UPDATE_RIB_FIRMWARE', status: '0x001B', message: 'The firmware image is not valid.' } });
  });

  test('whose answer is lost is not sent again', async () => {
    await using ilo = await startIlo(taking(''));
    await using client = createRibclClient(ilo.settings());
    expect(await rejection(client.updateFirmware('ilo', image()))).toMatchObject({ code: 'UNREACHABLE', retryable: false, details: { command: 'UPDATE_RIB_FIRMWARE', sent: true } });
    expect(ilo.requests).toHaveLength(2);
  });

  test('has half an hour, of which the upload takes its part', async () => {
    const uploading = Promise.withResolvers<void>();
    const writing = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    await using ilo = await startIlo((received, socket) => {
      if (!received.line.includes('uploadRibclFiles')) return writing.resolve();
      uploading.resolve();
      void answer.promise.then(() => socket.end(http('', '200 OK', [`Set-Cookie: ${COOKIE}`])));
      return undefined;
    });
    const clock = createFakeClock();
    await using client = createRibclClient(ilo.settings({ clock }));
    const call = rejection(client.updateFirmware('ilo', image()));
    await uploading.promise;
    await clock.advance(10 * 60_000);
    answer.resolve();
    await writing.promise;
    await clock.advance(20 * 60_000);
    expect(await call).toMatchObject({ code: 'TIMEOUT', retryable: false, details: { timeoutMs: 20 * 60_000, sent: true } });
  });
});
