import { errorCode, type Step, type StepKind } from '@ferric/core';
import type { IloMachine } from '../ilo-machine.js';
import { cleanPriority } from '../ilo-options.js';
import type { RestartPacing } from '../restart.js';
import { createEraseDevices } from './erase-devices.js';
import { firmwareSettings } from './firmware-settings.js';
import { httpsCertificateSteps } from './https-certificate.js';
import { insertVirtualMedia } from './insert-media.js';
import { createResetIlo } from './reset-controller.js';
import { resetIloCredential } from './reset-credential.js';
import { securitySteps } from './security-steps.js';
import type { StepFacts } from './step-table.js';
import { updateFirmware } from './update-firmware.js';

const KINDS: readonly StepKind[] = ['clean', 'deploy'];

/** Every step that machines with an iLO have. Some remember, for one machine, what they have done when they are done anew after an outage. */
function createStepTable(): readonly StepFacts[] {
  return [
    createResetIlo(), resetIloCredential, ...firmwareSettings, updateFirmware, createEraseDevices(), ...securitySteps, ...httpsCertificateSteps, insertVirtualMedia,
  ];
}

/** The steps of one machine. */
export function createIloSteps(machine: IloMachine, pacing: RestartPacing): readonly Step[] {
  const offered = createStepTable().filter(({ drivers = [machine.driver] }) => drivers.includes(machine.driver));
  return offered.flatMap((facts) => (facts.kinds ?? KINDS).map((kind) => toStep(machine, pacing, facts, kind)));
}

function toStep(machine: IloMachine, pacing: RestartPacing, facts: StepFacts, kind: StepKind): Step {
  const { name, automatic, arguments: described = {}, timeoutMs, knowsOthers } = facts;
  return {
    kind,
    interface: 'management',
    name,
    priority: kind === 'clean' && automatic !== undefined ? cleanPriority(machine.info, automatic) : 0,
    abortable: false,
    requiresRamdisk: false,
    arguments: described,
    async run(args, options) {
      facts.check?.(args);
      return machine.perform({ what: name, timeoutMs, knowsOthers }, options, (call) => runOrSkip(machine, facts, () => facts.run({ machine, call, args, pacing })));
    },
  };
}

async function runOrSkip({ logger, address }: IloMachine, { name, skippable = false }: StepFacts, run: () => Promise<'done' | 'wait'>): Promise<'done' | 'wait'> {
  try {
    return await run();
  } catch (error) {
    if (!skippable || errorCode(error) !== 'UNSUPPORTED') throw error;
    logger.warn({ address, step: name, reason: (error as Error).message }, 'A step was skipped, since this machine cannot do it');
    return 'done';
  }
}

