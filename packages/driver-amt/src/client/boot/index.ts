import { invalidOptions, printValue, withDeadline, type CallOptions, type Clock } from '@ferric/core';
import { AMT_BootCapabilities, CIM_BootSourceSetting } from '../classes/boot-classes.js';
import { getInstance, listInstances } from '../classes/class-calls.js';
import type { InstanceOf } from '../classes/class-table.js';
import type { Wsman } from '../wsman/wsman.js';
import { NEXT_BOOT_DEVICES, type NextBoot } from './boot-choices.js';
import { takeSteps } from './boot-steps.js';
import { createBootSequence, type NextBootReport } from './boot-sequence.js';
import { httpsBootParameters } from './uefi-parameters.js';

export { NEXT_BOOT_DEVICES, type NextBoot, type NextBootDevice } from './boot-choices.js';
export type { NextBootReport } from './boot-sequence.js';

/** What the firmware of the machine can be told about its next boot, as AMT names it. */
export type BootCapabilities = InstanceOf<typeof AMT_BootCapabilities>;

/** One thing that can be booted from, as AMT names it. */
export type BootSource = InstanceOf<typeof CIM_BootSourceSetting>;

/** How a choice is made. */
export interface NextBootOptions extends CallOptions {
  /** Called right before the first request that changes something: from there on AMT may hold a part of the choice, whatever becomes of the call. */
  readonly onChange?: () => void;
}

/** What the next boot does. AMT has no boot order for good: a choice counts once, for the next start by a power on or a reset. */
export interface BootCalls {
  capabilities(options?: CallOptions): Promise<BootCapabilities>;
  sources(options?: CallOptions): Promise<readonly BootSource[]>;
  /**
   * Chooses what the next boot does, step by step, and stops at the first step that fails. Switch the machine on, or reset it, soon afterwards, and
   * only when this succeeded. Flags that an earlier console left are taken back; nothing is written that is so already. `timeoutMs` defaults to 120000.
   * @throws REFUSED when the user has to agree first; UNSUPPORTED for what this firmware cannot; INVALID_OPTIONS; what {@link Wsman} throws; all with
   * the name of the step in `details.step`.
   */
  setNext(choice: NextBoot, options?: NextBootOptions): Promise<NextBootReport>;
  /**
   * Looks whether a choice would be allowed and changes nothing: the first steps of {@link BootCalls.setNext}, with their errors. What the firmware
   * finds wrong later on is not seen. `timeoutMs` defaults to 120000.
   */
  checkNext(choice: NextBoot, options?: CallOptions): Promise<void>;
  /** Takes back what was chosen and not used yet. `timeoutMs` defaults to 120000. */
  clear(options?: CallOptions): Promise<void>;
}

/** Some ten exchanges with a small processor. Milliseconds. */
const SEQUENCE_MS = 120_000;

export function createBootCalls(wsman: Wsman, { clock }: { readonly clock: Clock }): BootCalls {
  const sequence = createBootSequence(wsman, clock);
  return {
    capabilities: (options) => getInstance(wsman, AMT_BootCapabilities, options),
    sources: (options) => listInstances(wsman, CIM_BootSourceSetting, options),
    async setNext(choice, options) {
      checkChoice(choice);
      const what = `The choice of ${choice.device} for the next boot`;
      return withDeadline(options, { what, defaultTimeoutMs: SEQUENCE_MS, clock }, async ({ signal }) => {
        const { steps, report } = sequence.choose(choice, { signal });
        await takeSteps(what, steps, { signal, onChange: options?.onChange });
        return report();
      });
    },
    async checkNext(choice, options) {
      checkChoice(choice);
      const what = `The choice of ${choice.device} for the next boot`;
      await withDeadline(options, { what, defaultTimeoutMs: SEQUENCE_MS, clock }, ({ signal }) => {
        const { steps } = sequence.choose(choice, { signal });
        return takeSteps(what, steps.filter(({ changes }) => !changes), { signal });
      });
    },
    async clear(options) {
      const what = 'Taking back the choice for the next boot';
      await withDeadline(options, { what, defaultTimeoutMs: SEQUENCE_MS, clock }, ({ signal }) => takeSteps(what, sequence.clear({ signal }), { signal }));
    },
  };
}

function checkChoice(choice: NextBoot): void {
  if (!NEXT_BOOT_DEVICES.includes(choice.device)) {
    const expected = `one of ${NEXT_BOOT_DEVICES.join(', ')}`;
    throw invalidOptions('Next boot', [{ field: 'device', problem: 'invalid', expected, received: printValue(choice.device) }]);
  }
  if (choice.device === 'uefihttp') httpsBootParameters(choice.url);
}
