import { findAction, requireAction, runAction } from '@ferric/redfish';
import { errorCode } from '@ferric/core';
import type { IloSecureErase } from '../ilo-client.js';
import type { Perform } from '../operations/perform.js';

const ACTION = 'SecureSystemErase';

/** Source: HPE iLO 5 RESTful API, "One-button secure erase". */
export function createSecureErase(perform: Perform): IloSecureErase {
  return {
    async isOffered(options) {
      try {
        return await perform('secure erase', { rest: async ({ system }) => findAction(await system(), ACTION, 'vendor') !== undefined }, options);
      } catch (error) {
        if (errorCode(error) === 'UNSUPPORTED') return false;
        throw error;
      }
    },
    start: (options) =>
      perform('secure erase', {
        async rest(call) {
          const action = requireAction(await call.system(), ACTION, 'vendor');
          await call.whenReady('secure erase', () => runAction(call.client, action, { SystemROMAndiLOErase: true, UserDataErase: true }, call.options));
        },
      }, options),
  };
}
