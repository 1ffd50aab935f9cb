import { Buffer } from 'node:buffer';

// The unit's side of the protocol, written from the manual and apart from the client's codec on purpose: a mistake that both shared would not show.
// Source: AMETEK SA-82-AR manual, DxP chapter (layout); lwfitzgerald/python-iboot and the other working clients (relay numbers, states).

/** What a client may say, as a unit understands it. */
export type DxpRequest = DxpCommandRequest | { readonly kind: 'hello' } | { readonly kind: 'nonsense' };

/** A command with its header. */
export interface DxpCommandRequest {
  readonly kind: 'command';
  readonly command: number;
  readonly descriptor: number;
  readonly username: string;
  readonly password: string;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** A request that has come whole, and what came after it. */
export interface ParsedRequest {
  readonly request: DxpRequest;
  readonly rest: Buffer;
}

const HELLO = 'hello-000';
const HEADER_BYTES = 47;
const HIGHEST_COMMAND = 6;

/** Bytes of payload by command and descriptor; what is not here is nonsense. */
const PAYLOAD_BYTES: ReadonlyMap<string, number> = new Map([['3/1', 2], ['3/4', 0], ['3/7', 4], ['4/0', 0]]);

/** Takes the first request from what has come; undefined while it is not whole. NULs in front are passed over: some clients send one behind hello. */
export function parseRequest(received: Buffer): ParsedRequest | undefined {
  const begin = received.findIndex((byte) => byte !== 0);
  if (begin === -1) return undefined;
  const bytes = received.subarray(begin);
  const beginning = bytes.toString('latin1', 0, HELLO.length);
  if (beginning === HELLO) return { request: { kind: 'hello' }, rest: bytes.subarray(HELLO.length) };
  if (HELLO.startsWith(beginning)) return undefined;
  const command = bytes.readUInt8(0);
  if (command > HIGHEST_COMMAND) return { request: { kind: 'nonsense' }, rest: Buffer.alloc(0) };
  return bytes.length < HEADER_BYTES ? undefined : parseCommand(bytes, command);
}

function parseCommand(bytes: Buffer, command: number): ParsedRequest | undefined {
  const descriptor = bytes.readUInt8(43);
  const payloadBytes = PAYLOAD_BYTES.get(`${command}/${descriptor}`);
  if (payloadBytes === undefined) return { request: { kind: 'nonsense' }, rest: Buffer.alloc(0) };
  const end = HEADER_BYTES + payloadBytes;
  if (bytes.length < end) return undefined;
  const request: DxpCommandRequest = {
    kind: 'command',
    command,
    descriptor,
    username: untilNul(bytes.subarray(1, 22)),
    password: untilNul(bytes.subarray(22, 43)),
    sequence: bytes.readUInt16LE(45),
    payload: Uint8Array.from(bytes.subarray(HEADER_BYTES, end)),
  };
  return { request, rest: bytes.subarray(end) };
}

function untilNul(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end);
}
