import { FerricError, holdingProcess, withDeadline, type CallOptions, type Clock } from '@ferric/core';
import { CIM_PowerManagementCapabilities } from '../classes/cim-power.js';
import { getInstance } from '../classes/class-calls.js';
import type { Wsman } from '../wsman/wsman.js';
import { createPowerChanger, type ChangePower } from './change-power.js';
import { createGenerationReader } from '../generation.js';
import { findObstacle, hintFor } from './obstacles.js';
import { POWER_REQUESTS, requestNames, type AmtPowerRequest } from './power-requests.js';
import { isAsleep, type AmtPowerStatus } from './power-states.js';
import { createPowerReader, type ReadPower } from './read-power.js';
import { createPowerSender, declined, POWER_PACING, type PowerPacing } from './send-request.js';

export type { ChangePower } from './change-power.js';
export type { AmtPowerChange, BootProgress, PowerChangeOptions } from './power-change.js';
export { AMT_POWER_TARGETS, planPower, type AmtPowerTarget, type PowerEvidence, type PowerFacts, type PowerPlan, type PowerStep } from './power-plan.js';
export { POWER_REQUESTS, type AmtPowerRequest } from './power-requests.js';
export { describePower, isAsleep, type AmtPowerStatus, type PowerCondition } from './power-states.js';
export type { ReadPower } from './read-power.js';
export { POWER_PACING, type PowerPacing } from './send-request.js';

/** Power of one machine. */
export interface PowerCalls {
  /** How the machine stands. Changes nothing, and wakes no machine. */
  readonly read: ReadPower;
  /**
   * Brings the machine to a target: looks, decides by what the device accepts now, asks once, and looks until the machine shows it. A request whose
   * answer was lost is never sent again before the machine was looked at; a reset or a graceful request never at all. A reset that was declined goes
   * out again only when the device was busy. `timeoutMs` defaults to about two minutes, and to eleven for the graceful targets.
   * @throws UNSUPPORTED for what this machine does not offer, CONFLICT for what it cannot in its state or because a redirection session is open,
   * REFUSED and BUSY for what it declined, TIMEOUT when it does not show what it accepted, and what {@link Wsman} throws.
   */
  readonly change: ChangePower;
  /** What this firmware can be asked for at all; what it takes now is in {@link AmtPowerStatus.accepted}. */
  requests(options?: CallOptions): Promise<readonly AmtPowerRequest[]>;
  /**
   * Sends one request and does not look at what comes of it: "accepted" is not "done". Waits until 10 s have passed since the one before.
   * @throws REFUSED, CONFLICT, BUSY, UNSUPPORTED with `details.returnValue` when it was declined.
   */
  request(request: AmtPowerRequest, options?: CallOptions): Promise<void>;
  /**
   * Interrupts the machine (NMI), once, so that a hung system writes its crash dump.
   * @throws CONFLICT when it is off or asleep; UNSUPPORTED when it does not offer it.
   */
  interrupt(options?: CallOptions): Promise<void>;
}

export interface PowerCallParts {
  readonly clock: Clock;
  /** Default: {@link POWER_PACING}, which real machines need. */
  readonly powerPacing?: Partial<PowerPacing> | undefined;
}

/** Time for one request: its turn after the one before, and the exchange. Milliseconds. */
const REQUEST_MS = 60_000;

/** Makes the power calls of one device. They share what they learn of it, and the pause between requests. */
export function createPowerCalls(wsman: Wsman, { clock, powerPacing }: PowerCallParts): PowerCalls {
  const pacing: PowerPacing = { ...POWER_PACING, ...powerPacing };
  const read = createPowerReader(wsman, clock);
  const send = createPowerSender(wsman, clock, pacing);

  const requests = async (options?: CallOptions): Promise<readonly AmtPowerRequest[]> => {
    const { RequestedPowerStatesSupported: values = [] } = await getInstance(wsman, CIM_PowerManagementCapabilities, options);
    return requestNames(values);
  };

  const perform = (what: string, options: CallOptions | undefined, work: (call: { readonly signal: AbortSignal }) => Promise<void>): Promise<void> =>
    holdingProcess(() => withDeadline(options, { what, defaultTimeoutMs: REQUEST_MS, clock }, ({ signal }) => work({ signal })));

  const request = (name: AmtPowerRequest, options?: CallOptions): Promise<void> =>
    perform(`'${POWER_REQUESTS[name].words}'`, options, async ({ signal }) => {
      const answer = await send(name, { signal });
      if (answer.refusal === undefined) return;
      throw (await findObstacle(wsman, name, { signal })) ?? declined(name, answer, hintFor(name));
    });

  return {
    read,
    requests,
    request,
    change: createPowerChanger({ wsman, clock, pacing, read, send, readGeneration: createGenerationReader(wsman, clock) }),
    interrupt: (options) =>
      perform("'interrupt'", options, async ({ signal }) => {
        const status = await read({ signal });
        if (status.state === 'power off' || isAsleep(status)) throw nothingRuns(status);
        const offered = status.accepted === undefined ? await requests({ signal }) : requestNames(status.accepted);
        if (!offered.includes('interrupt')) throw noInterrupt();
        await request('interrupt', { signal });
      }),
  };
}

function nothingRuns({ detail = 'off' }: AmtPowerStatus): FerricError {
  return new FerricError('CONFLICT', `There is nothing to interrupt: the machine is ${detail}`, {
    details: { step: 'interrupt' },
    hint: 'Switch the machine on first.',
  });
}

function noInterrupt(): FerricError {
  return new FerricError('UNSUPPORTED', 'The machine does not offer a diagnostic interrupt (NMI)', {
    details: { step: 'interrupt' },
    hint: 'Not every firmware passes one on to its machine, and some only while it runs.',
  });
}
