import type { FerricError } from '@ferric/core';
import { resetManager } from '@ferric/redfish';
import { isUncertain } from '../connection/outages.js';
import type { IloController } from '../ilo-client.js';
import type { BackEndCall } from '../operations/perform.js';
import { resetController } from '../ribcl/index.js';
import { type ControllerParts, waitForReturn } from './wait-for-return.js';

const RESET_TIMEOUT_MS = 300_000;

export function createController(parts: ControllerParts): IloController {
  const { performer } = parts;
  return {
    reset: (options) =>
      performer.perform('reset controller', {
        async rest(call) {
          const manager = await call.manager();
          const lost = await sendReset(async () => void (await resetManager(call.client, manager, undefined, call.options)), call);
          await waitForReturn(parts, call, { leaves: true, lost, before: call.identity });
        },
        async ribcl(call) {
          const lost = await sendReset(async () => void (await call.run(resetController())), call);
          await waitForReturn(parts, call, { leaves: true, lost, before: call.identity });
        },
      }, { timeoutMs: RESET_TIMEOUT_MS, ...options }),
    waitUntilBack: (options) => performer.within('the return', options, RESET_TIMEOUT_MS, (waiting) => waitForReturn(parts, waiting, { leaves: false })),
  };
}

/** A controller that goes away may not answer any more: whether it goes is seen afterwards. @returns why nobody knows whether it was told */
async function sendReset(send: () => Promise<void>, { signal }: BackEndCall): Promise<FerricError | undefined> {
  try {
    await send();
    return undefined;
  } catch (error) {
    if (signal.aborted || !isUncertain(error)) throw error;
    return error;
  }
}
