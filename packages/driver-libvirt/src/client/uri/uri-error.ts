import { type FerricError, invalidOptions } from '@ferric/core';

/** A URI that cannot be used. @param received left out when it could show a password */
export function uriError(expected: string, received?: string): FerricError {
  return invalidOptions('libvirt URI', [{ field: 'uri', problem: 'invalid', expected, ...(received === undefined ? {} : { received }) }]);
}

/** A parameter of the URI that cannot be used. */
export function parameterError(name: string, expected: string, received: string): FerricError {
  return invalidOptions('libvirt URI', [{ field: name, problem: 'invalid', expected, received }]);
}
