import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { http, plainAnswer, valueOf } from './answers.js';
import { type RawDevice, type ReceivedRequest, startRawDevice } from './raw-device.js';

export const REALM = 'Digest:F3EB554784E729164447A89F60B641C5';
export const USERNAME = 'admin';
export const PASSWORD = 'P@ssw0rd"\\<&';

/** What a device does with the requests that it lets in. */
export type Handle = (request: ReceivedRequest, socket: Socket) => void | Promise<void>;

export interface DigestDeviceOptions {
  /** Default: a plain answer to everything, the connection stays. */
  readonly handle?: Handle;
  readonly qop?: string;
  /** Closes the connection with each 401, as AMT does. Default true. */
  readonly closeWith401?: boolean;
  /** Uses of one nonce before it is refused. Default: no limit. */
  readonly nonceUses?: number;
  readonly onConnection?: (socket: Socket) => void;
}

export interface DigestDevice extends RawDevice {
  /** Requests that were let in. */
  readonly accepted: readonly ReceivedRequest[];
  /** Answers 401 that it gave to requests with an Authorization. */
  readonly refusals: number;
  /** From now on the current nonce is refused. */
  expireNonce(): void;
}

/** A device that checks digests by itself: nonce, count, and response must be right, and no count is taken twice. */
export async function startDigestDevice(options: DigestDeviceOptions = {}): Promise<DigestDevice> {
  const { handle = (request, socket) => void socket.write(http(plainAnswer(request))), qop = 'auth', closeWith401 = true, nonceUses = Infinity } = options;
  const accepted: ReceivedRequest[] = [];
  let nonceNumber = 0;
  let lastCount = 0;
  let refusals = 0;
  const nonce = (): string => `bQali2IAAAAAAAAAn0xaWCOcxNsRcE/${nonceNumber}==`;

  const isRight = (request: ReceivedRequest): boolean => {
    const given = parametersOf(request.headers.get('authorization') ?? '');
    const count = Number.parseInt(given.get('nc') ?? '', 16);
    if (given.get('nonce') !== nonce() || count <= lastCount || count > nonceUses) return false;
    const [method = '', uri = ''] = request.startLine.split(' ');
    const protection = given.get('qop') ?? '';
    const second = protection === 'auth-int' ? md5(`${method}:${uri}:${md5(request.body)}`) : md5(`${method}:${uri}`);
    const expected = md5([md5(`${USERNAME}:${REALM}:${PASSWORD}`), nonce(), given.get('nc') ?? '', given.get('cnonce') ?? '', protection, second].join(':'));
    if (given.get('response') !== expected || !qop.includes(protection) || given.get('username') !== USERNAME) return false;
    lastCount = count;
    return true;
  };

  const device = await startRawDevice(async (request, socket) => {
    if (isRight(request)) {
      accepted.push(request);
      await handle(request, socket);
      return;
    }
    if (request.headers.has('authorization')) refusals += 1;
    nonceNumber += 1;
    lastCount = 0;
    socket.write(unauthorized(nonce(), qop, closeWith401));
    if (closeWith401) socket.end();
  }, options.onConnection);

  // The getters of the device stay getters.
  return Object.defineProperties(device, {
    accepted: { value: accepted },
    refusals: { get: () => refusals },
    expireNonce: {
      value: () => {
        nonceNumber += 1;
        lastCount = 0;
      },
    },
  }) as DigestDevice;
}

/** Answer 401 in the form that AMT 15 was recorded with. */
export function unauthorized(nonce: string, qop = 'auth', close = true, stale = false): string {
  return http('<html><head><title>Log on failed</title></head><body>Log on failed.</body></html>', {
    status: '401 Unauthorized',
    headers: [`WWW-Authenticate: Digest realm="${REALM}", nonce="${nonce}",stale="${stale}",qop="${qop}"`, 'Content-Type: text/html', ...(close ? ['Connection: close'] : [])],
  });
}

/** What a request is about: `Get AMT_GeneralSettings`. */
export function named({ body }: ReceivedRequest): string {
  const last = (text: string | undefined): string => text?.slice(text.lastIndexOf('/') + 1) ?? '';
  return `${last(valueOf(body, 'Action'))} ${last(valueOf(body, 'ResourceURI'))}`;
}

function parametersOf(header: string): ReadonlyMap<string, string> {
  return new Map([...header.matchAll(/(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))/g)].map(([, name = '', quoted, plain = '']) => [name, quoted?.replace(/\\(.)/g, '$1') ?? plain]));
}

function md5(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex');
}
