import { delay, type JsonValue } from '@ferric/core';
import type { Disk } from '../disk/disk.js';
import { checkImageInfo, prepareImage } from '../image/prepare-image.js';
import { CommandFailure } from './command-failure.js';
import { type AgentWorkplace, checkCall, type CommandParameters } from './command.js';

/** What a step does. Its parameters are the step's `args`. */
interface StepFunction {
  readonly required?: readonly string[];
  readonly optional?: readonly string[];
  run(workplace: AgentWorkplace, parameters: CommandParameters): Promise<JsonValue>;
}

/** How much is wiped at both ends of a disk: partition tables, both headers of a GPT, boot sectors, signatures. Bytes. */
const METADATA_BYTES = 1024 * 1024;

async function eraseDisks(workplace: AgentWorkplace, what: string, erase: (disk: Disk) => Promise<void>): Promise<null> {
  for (const disk of workplace.disks) {
    workplace.log(`erasing ${what} of ${disk.name}`);
    try {
      await erase(disk);
      await disk.sync();
    } catch (error) {
      throw new CommandFailure('BlockDeviceEraseError', `${disk.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  workplace.written = undefined;
  return null;
}

async function eraseMetadata(disk: Disk): Promise<void> {
  const length = Math.min(METADATA_BYTES, disk.sizeBytes);
  await disk.erase(0, length);
  await disk.erase(disk.sizeBytes - length, length);
}

const metadataStep: StepFunction = { run: (workplace) => eraseDisks(workplace, 'the metadata', eraseMetadata) };

/** A step that real agents have and that is left out here on purpose: there is nothing that it could harm or mend. */
function nothingToDo(what: string, parameters: Omit<StepFunction, 'run'> = {}): StepFunction {
  return {
    ...parameters,
    run: async (workplace) => {
      const line = `nothing was done: ${what}`;
      workplace.log(line);
      return line;
    },
  };
}

/** The steps by name, of whichever kind. Source: ironic-python-agent, ironic_python_agent/hardware.py (GenericHardwareManager). */
const STEP_FUNCTIONS: ReadonlyMap<string, StepFunction> = new Map<string, StepFunction>([
  ['write_image', {
    required: ['image_info'],
    optional: ['configdrive'],
    async run(workplace, { image_info: image, configdrive }) {
      return { result: `prepare_image: ${await prepareImage(workplace, checkImageInfo(image), configdrive)}` };
    },
  }],
  ['erase_devices_metadata', metadataStep],
  ['erase_devices_express', metadataStep],
  ['erase_devices', { run: (workplace) => eraseDisks(workplace, 'all', (disk) => disk.erase(0, disk.sizeBytes)) }],
  ['erase_pstore', nothingToDo('this machine keeps no crash records')],
  ['clean_uefi_nvram', nothingToDo('this agent leaves the boot entries of the firmware alone', { optional: ['match_patterns'] })],
  ['delete_configuration', nothingToDo('this machine has no RAID')],
  ['create_configuration', nothingToDo('this machine has no RAID')],
  ['apply_configuration', nothingToDo('this machine has no RAID', { required: ['raid_config'], optional: ['delete_existing'] })],
  ['inject_files', nothingToDo('this agent injects no files', { optional: ['files', 'verify_ca'] })],
  ['execute_bootc_install', nothingToDo('this agent installs no containers', { optional: ['image_source', 'instance_info', 'pull_secret', 'configdrive'] })],
  ...['cpu', 'gpu', 'disk', 'memory', 'network'].map((part): [string, StepFunction] => [
    `burnin_${part}`, nothingToDo(`this agent does not stress the ${part}`),
  ]),
]);

/**
 * Runs one step, unless a fault is in its way.
 * @throws CommandFailure HardwareManagerMethodNotFound; CallMistake; what the step throws
 */
export async function runStep(workplace: AgentWorkplace, name: string, parameters: CommandParameters): Promise<JsonValue> {
  const failure = workplace.faults.take('step failure', name);
  if (failure !== undefined) throw new CommandFailure('CommandExecutionError', failure.message ?? `The step ${name} was made to fail`);
  // As long as a timer lasts: until the agent stops.
  while (workplace.faults.has('stuck step', name)) await delay(1000, { signal: workplace.signal, clock: workplace.clock });
  const step = STEP_FUNCTIONS.get(name);
  if (step === undefined) throw new CommandFailure('HardwareManagerMethodNotFound', `Could not find method: ${name}`);
  checkCall({ functionName: `GenericHardwareManager.${name}`, required: step.required ?? [], optional: step.optional ?? [] }, parameters);
  return step.run(workplace, parameters);
}
