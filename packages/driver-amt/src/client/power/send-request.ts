import { delay, FerricError, type CallOptions, type Clock } from '@ferric/core';
import { readReturnValue, returnMeaning, type MethodTable, type ReturnMeaning } from '../classes/return-value.js';
import type { Wsman, WsmanField, WsmanReference } from '../wsman/wsman.js';
import type { PowerStep } from './power-plan.js';
import { POWER_REQUESTS } from './power-requests.js';

/** How fast a machine may be asked. */
export interface PowerPacing {
  /**
   * Pause between two power requests. Milliseconds, default 10000: the BIOS needs as long to tell AMT that it has done the first. Source: Intel AMT
   * Implementation and Reference Guide, "Change System Power State".
   */
  readonly spacingMs: number;
  /** Pause between two looks at a machine that changes. Milliseconds, default 2000. */
  readonly pollMs: number;
}

export const POWER_PACING: PowerPacing = { spacingMs: 10_000, pollMs: 2000 };

/** What the device said to a request. */
export interface PowerAnswer {
  readonly returnValue: number;
  /** Undefined: it accepted. */
  readonly refusal: ReturnMeaning | undefined;
}

/** Sends one power request when its time has come. */
export type SendPowerRequest = (request: PowerStep['request'], options: CallOptions) => Promise<PowerAnswer>;

/** The machine, as the device calls it. Source: Reference Guide, "Change System Power State". */
const MANAGED_SYSTEM: WsmanReference = { resource: 'CIM_ComputerSystem', selectors: { CreationClassName: 'CIM_ComputerSystem', Name: 'ManagedSystem' } };

/** A request of which the firmware does not know the number. */
const UNKNOWN_REQUEST: MethodTable['returns'] = { 5: { code: 'UNSUPPORTED', words: 'invalid parameter' } };

const CHANGE_POWER: MethodTable = { resource: 'CIM_PowerManagementService', method: 'RequestPowerStateChange', kind: 'cim', returns: UNKNOWN_REQUEST };

/** Source: Reference Guide, "Get or Set OS Power Saving State". */
const CHANGE_SAVING: MethodTable = { resource: 'IPS_PowerManagementService', method: 'RequestOSPowerSavingStateChange', kind: 'cim', returns: UNKNOWN_REQUEST };

/** OSPowerSavingState of an operating system that is wholly awake. */
const FULL_POWER = 2;

/** Makes a sender that keeps the pause between two power requests, also when one of them failed. */
export function createPowerSender(wsman: Wsman, clock: Clock, { spacingMs }: PowerPacing): SendPowerRequest {
  let nextAt = 0;
  const inTurn = async <T>(options: CallOptions, exchange: () => Promise<T>): Promise<T> => {
    for (let waitMs = nextAt - clock.monotonicMs(); waitMs > 0; waitMs = nextAt - clock.monotonicMs()) {
      await delay(waitMs, { signal: options.signal, clock });
    }
    // Who comes while this one is on its way waits for it, too.
    nextAt = clock.monotonicMs() + spacingMs;
    try {
      return await exchange();
    } finally {
      nextAt = clock.monotonicMs() + spacingMs;
    }
  };

  const ask = async (method: MethodTable, argument: WsmanField, options: CallOptions): Promise<PowerAnswer> => {
    const output = await wsman.invoke(method.resource, method.method, { fields: [argument, { name: 'ManagedElement', value: MANAGED_SYSTEM }] }, options);
    const returnValue = readReturnValue(method.method, output);
    return { returnValue, refusal: returnMeaning(method, returnValue) };
  };

  return (request, options) =>
    request === 'leave standby'
      ? ask(CHANGE_SAVING, { name: 'OSPowerSavingState', value: FULL_POWER }, options)
      : inTurn(options, () => ask(CHANGE_POWER, { name: 'PowerState', value: POWER_REQUESTS[request].value }, options));
}

/** The error for a request that the device declined. */
export function declined(request: PowerStep['request'], { returnValue, refusal }: PowerAnswer, hint?: string): FerricError {
  const words = wordsOf(request);
  return new FerricError(refusal?.code ?? 'REFUSED', `The device declined '${words}': ${refusal?.words ?? 'no reason given'} (ReturnValue ${returnValue})`, {
    details: { step: `request '${words}'`, returnValue },
    ...(hint === undefined ? {} : { hint }),
  });
}

/** A request in the words of people. */
export function wordsOf(request: PowerStep['request']): string {
  return request === 'leave standby' ? request : POWER_REQUESTS[request].words;
}
