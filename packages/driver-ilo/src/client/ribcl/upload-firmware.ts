import { randomBytes } from 'node:crypto';
import { FerricError, invalidOptions, printValue, Secret } from '@ferric/core';
import { ANSWER_LIMIT_BYTES } from './ask.js';
import type { CheckedSettings } from './client-settings.js';
import { checkInputs, textIssue } from './commands/inputs.js';
import { exchangeOnce, type ExchangeProgress } from './https/https-exchange.js';

/** A raw image of firmware, as it lies in a `.bin`, `.flash`, `.vme`, `.hex` or `.full` file. */
export interface FirmwareImage {
  /** Without folders: `ilo4_282.bin`. */
  readonly fileName: string;
  /** Bytes. */
  readonly length: number;
  /** The content, once. */
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Told how many bytes of the content were handed over so far. Must return at once and must not throw. */
  onProgress?(bytes: number): void;
}

/** Larger than any image that there is. Bytes. */
const LARGEST_IMAGE = 512 * 1024 * 1024;
export const UPLOAD_LABEL = 'uploadRibclFiles';

/** @throws INVALID_OPTIONS for a name or length that cannot be one. */
export function checkImage({ fileName, length }: FirmwareImage): void {
  const isLength = Number.isSafeInteger(length) && length > 0 && length <= LARGEST_IMAGE;
  const isName = !/["\\/]/.test(fileName);
  checkInputs('Firmware image', [
    textIssue('fileName', fileName, 255),
    isName ? undefined : { field: 'fileName', problem: 'invalid', expected: 'a name without folders', received: printValue(fileName) },
    isLength ? undefined : { field: 'length', problem: 'invalid', expected: `1 to ${LARGEST_IMAGE} bytes`, received: printValue(length) },
  ]);
}

/**
 * Uploads an image. Source: python-hpilo, hpilo.py; proliantutils, ilo/firmware_controller.py.
 * @returns the cookie by which the following request finds the image
 * @throws REFUSED when the controller does not take it; UNSUPPORTED when it takes no images; INVALID_OPTIONS for a content of another length.
 */
export async function uploadFirmware(settings: CheckedSettings, image: FirmwareImage, signal: AbortSignal, progress: ExchangeProgress): Promise<Secret> {
  const boundary = `------------------------${randomBytes(18).toString('hex')}`;
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="fileType"\r\n\r\n` +
      `\r\n--${boundary}\r\nContent-Disposition: form-data; name="fwimgfile"; filename="${image.fileName}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
    'latin1',
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1');
  const record = (direction: 'in' | 'out', payload: string): void =>
    settings.transcript?.record({
      at: settings.clock.now(), direction, peer: `https ${settings.address}`, protocol: 'ribcl', payload,
      label: direction === 'out' ? UPLOAD_LABEL : `answer to ${UPLOAD_LABEL}`,
    });
  record('out', `POST /cgi-bin/uploadRibclFiles ${image.fileName} (${image.length} bytes)`);
  const reply = await exchangeOnce(settings.connector, settings.peer, {
    method: 'POST',
    path: '/cgi-bin/uploadRibclFiles',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: { length: head.length + image.length + tail.length, parts: () => multipart(head, image, tail) },
    label: UPLOAD_LABEL,
    limitBytes: ANSWER_LIMIT_BYTES,
  }, signal, progress);
  const cookie = cookieOf(reply.headers['set-cookie']);
  record('in', `${reply.status} ${cookie === undefined ? 'without a cookie' : 'with a cookie'}`);
  if (cookie !== undefined && reply.status < 400) return cookie;
  throw new FerricError(reply.status === 404 ? 'UNSUPPORTED' : 'REFUSED', `The iLO did not take the image ${image.fileName} (HTTP status ${reply.status})`, {
    details: { httpStatus: reply.status },
    hint: 'Check that it is a raw image for this generation of iLO, not a package with an installer.',
  });
}

async function* multipart(head: Uint8Array, image: FirmwareImage, tail: Uint8Array): AsyncGenerator<Uint8Array> {
  yield head;
  let bytes = 0;
  for await (const chunk of image.open()) {
    bytes += chunk.length;
    if (bytes > image.length) break;
    yield chunk;
    image.onProgress?.(bytes);
  }
  if (bytes !== image.length) {
    const received = bytes > image.length ? `more than ${image.length} bytes` : `${bytes} bytes`;
    throw invalidOptions('Firmware image', [{ field: 'length', problem: 'invalid', expected: 'the length of the content', received }]);
  }
  yield tail;
}

/** `name=value` of the first cookie, as a browser would send it back; some firmware ends it with a line break. */
function cookieOf(header: string | readonly string[] | undefined): Secret | undefined {
  const [first] = header === undefined ? [] : typeof header === 'string' ? [header] : header;
  const pair = first?.split(';')[0]?.trim();
  return pair === undefined || pair === '' ? undefined : new Secret(pair);
}
