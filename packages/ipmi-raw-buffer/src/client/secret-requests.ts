import type { IpmiRequest } from '../message/request.js';

/** From which byte of the data on a message must not be seen; undefined: all of it may. */
interface SecretData {
  readonly request?: number;
  readonly response?: number;
}

const COMMUNITY_STRING = 16;
const communityString = (parameterOffset: number, secret: SecretData) => (data: Uint8Array | undefined): SecretData | undefined =>
  data?.[parameterOffset] === COMMUNITY_STRING ? secret : undefined;

/** Requests that carry passwords or keys, by netFn and command. Sources: IPMI 1.5, sections 18.23 and 19.1; IPMI 2.0, section 22.25. */
const SECRET_REQUESTS: ReadonlyMap<number, (data: Uint8Array | undefined) => SecretData | undefined> = new Map([
  // Set User Password: user id, operation, password.
  [0x0647, () => ({ request: 2 })],
  // Set Channel Security Keys: channel, operation, key id, key; its answer holds the key when it is read.
  [0x0656, () => ({ request: 3, response: 1 })],
  // Set and Get LAN Configuration, parameter 16: the community string of traps.
  [0x0c01, communityString(1, { request: 2 })],
  [0x0c02, communityString(1, { response: 1 })],
]);

const NONE: SecretData = {};

/** Which parts of a request and its answer are kept out of transcripts. */
export function secretData(request: IpmiRequest): SecretData {
  return SECRET_REQUESTS.get((request.netFn << 8) | request.command)?.(request.data) ?? NONE;
}

/** The same bytes with everything from `offset` on replaced by asterisks. */
export function maskBytes(bytes: Uint8Array, offset: number): Uint8Array {
  return Uint8Array.from(bytes).fill(0x2a, offset);
}
