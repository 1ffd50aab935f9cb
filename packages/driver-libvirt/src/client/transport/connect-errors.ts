import { FerricError } from '@ferric/core';

/** What the system says about a connection that did not come about, in words. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the other side closed it at once',
  ENOENT: 'there is no such socket',
  EACCES: 'this user may not use it',
  EPERM: 'this user may not use it',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'no name server answered',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ETIMEDOUT: 'it did not answer',
};

/** The code that the system gave an error: `ECONNREFUSED`. */
export function systemCode(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** UNREACHABLE for what the system said, with `hint` as the next thing to try. */
export function unreachable(address: string, peer: string, error: unknown, hint: string): FerricError {
  const code = systemCode(error);
  const reason = (code === undefined ? undefined : REASONS[code]) ?? (error instanceof Error ? error.message : String(error));
  return new FerricError('UNREACHABLE', `No connection to the libvirt daemon by ${peer}: ${reason}`, {
    cause: error,
    details: { address, ...(code === undefined ? {} : { systemCode: code }) },
    hint,
  });
}
