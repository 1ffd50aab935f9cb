import { XdrWriter } from './xdr.js';

/** Where an error comes from. Source: libvirt 9.0.0, include/libvirt/virterror.h, virErrorDomain. */
export const ERROR_DOMAIN = { none: 0, xml: 5, rpc: 7, qemu: 10, storage: 18, network: 19, domain: 20, streams: 38 } as const;

/** What an error says besides its code: the text before it and the format as libvirt composes them. Source: src/util/virerror.c. */
interface ErrorKind {
  readonly code: number;
  readonly prefix: string;
}

/** The errors this simulator answers with. Codes: include/libvirt/virterror.h, virErrorNumber. */
export const ERROR = {
  internal: { code: 1, prefix: 'internal error: ' },
  noConnectionDriver: { code: 5, prefix: 'no connection driver available for ' },
  invalidArgument: { code: 8, prefix: 'invalid argument: ' },
  operationFailed: { code: 9, prefix: 'operation failed: ' },
  missingName: { code: 21, prefix: '' },
  xml: { code: 27, prefix: 'XML error: ' },
  denied: { code: 29, prefix: 'operation forbidden: ' },
  xmlDetail: { code: 35, prefix: '' },
  system: { code: 38, prefix: '' },
  rpc: { code: 39, prefix: '' },
  noDomain: { code: 42, prefix: 'Domain not found: ' },
  noNetwork: { code: 43, prefix: 'Network not found: ' },
  authenticationFailed: { code: 45, prefix: 'authentication failed: ' },
  noPool: { code: 49, prefix: 'Storage pool not found: ' },
  noVolume: { code: 50, prefix: 'Storage volume not found: ' },
  operationInvalid: { code: 55, prefix: 'Requested operation is not valid: ' },
  unsupportedConfiguration: { code: 67, prefix: 'unsupported configuration: ' },
  timedOut: { code: 68, prefix: 'Timed out during operation: ' },
  argumentUnsupported: { code: 74, prefix: 'argument unsupported: ' },
  noMetadata: { code: 80, prefix: 'metadata not found: ' },
  operationUnsupported: { code: 84, prefix: 'Operation not supported: ' },
  volumeExists: { code: 90, prefix: 'storage volume ' },
  deviceMissing: { code: 99, prefix: 'device not found: ' },
} as const satisfies Readonly<Record<string, ErrorKind>>;

/** VIR_ERR_ERROR: what was asked for was not done. */
const LEVEL_ERROR = 2;

/** Parts of an error that programs may look at; libvirt puts the text's format and its argument there unless it says otherwise. */
interface ErrorParts {
  readonly strings?: readonly (string | null)[];
  readonly int1?: number;
  readonly int2?: number;
}

/** An error answer of the daemon, thrown by whatever carries out a call. */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly code: number;
  readonly domain: number;
  readonly #parts: Required<ErrorParts>;

  constructor(kind: ErrorKind, domain: number, text: string, parts: ErrorParts = {}) {
    super(`${kind.prefix}${text}`);
    this.code = kind.code;
    this.domain = domain;
    this.#parts = { strings: [`${kind.prefix}%s`, text], int1: -1, int2: -1, ...parts };
  }

  /** The payload of the answer. Source: src/remote/remote_protocol.x, remote_error. */
  encode(): Buffer {
    const { strings, int1, int2 } = this.#parts;
    const writer = new XdrWriter().int(this.code).int(this.domain).optionalString(this.message).int(LEVEL_ERROR).unsigned(0);
    for (const index of [0, 1, 2]) writer.optionalString(strings[index] ?? null);
    return writer.int(int1).int(int2).unsigned(0).bytes();
  }
}

/** A bad argument that libvirt's own checks find: it names the function and the argument. */
export function badArgument(text: string, domain: number, functionName: string, argument: string): RemoteError {
  return new RemoteError({ ...ERROR.invalidArgument, prefix: '' }, domain, text, { strings: [functionName, argument], int1: 0, int2: 0 });
}

export function missingNameError(domain: number): RemoteError {
  const text = 'missing name information';
  return new RemoteError(ERROR.missingName, domain, text, { strings: [text] });
}
