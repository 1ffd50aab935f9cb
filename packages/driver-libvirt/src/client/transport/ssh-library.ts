import { FerricError } from '@ferric/core';
import type * as Ssh2Module from 'ssh2';
import { systemCode } from './connect-errors.js';

export type Ssh2 = (typeof Ssh2Module)['default'];

/** Loads npm's ssh2, which only those who use SSH have to install. @throws UNSUPPORTED when it is not there. */
export async function loadSsh2(address: string): Promise<Ssh2> {
  try {
    return (await import('ssh2')).default;
  } catch (error) {
    const missing = systemCode(error)?.endsWith('MODULE_NOT_FOUND') === true;
    throw new FerricError('UNSUPPORTED', `${address} is to be reached by SSH, and the package ssh2 ${missing ? 'is not installed' : 'cannot be loaded'}`, {
      cause: error,
      details: { address, package: 'ssh2' },
      hint: 'npm install ssh2',
    });
  }
}
