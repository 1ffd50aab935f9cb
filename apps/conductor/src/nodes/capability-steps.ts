import { narrowRaidTarget, raidFound } from '@ferric/agent';
import {
  invalidOptions, printValue, type Bios, type CallOptions, type Device, type JsonObject, type JsonValue, type Raid, type StepArgument,
  type StepSequence, type StrategyResult, type StrategyStep, type Task,
} from '@ferric/core';

/**
 * Steps that every device with firmware settings or disk arrays has. All have priority 0: they run when they are asked for.
 * Names, arguments and defaults from Ironic, ironic/drivers/base.py (BIOSInterface, RAIDInterface) and ironic/drivers/modules/agent.py (AgentRAID).
 * How long a call may take its driver knows: changing disk arrays takes a start of the machine.
 */
export function capabilitySteps({ bios, raid }: Pick<Device, 'bios' | 'raid'>): readonly StrategyStep[] {
  return [...(bios === undefined ? [] : biosSteps(bios)), ...(raid === undefined ? [] : raidSteps(raid))];
}

const KINDS: readonly StepSequence[] = ['clean', 'deploy'];

const PLAIN = { priority: 0, abortable: false, requiresRamdisk: false } as const;

function biosSteps(bios: Bios): readonly StrategyStep[] {
  const settings: StepArgument = { description: 'The settings to apply: a list of {name, value}.', required: true };
  return KINDS.flatMap((kind): readonly StrategyStep[] => [
    {
      ...PLAIN, kind, interface: 'bios', name: 'apply_configuration', arguments: { settings },
      async run(task, args) {
        await bios.apply(readSettings(args['settings'] ?? null), options(task));
        return { next: 'done' };
      },
    },
    {
      ...PLAIN, kind, interface: 'bios', name: 'factory_reset', arguments: {},
      async run(task) {
        await bios.factoryReset(options(task));
        return { next: 'done' };
      },
    },
  ]);
}

/** Which volumes a step is about, and what becomes of those that are there. */
const VOLUME_ARGUMENTS = {
  create_root_volume: { description: 'Whether to create the root volume. Default: true.', required: false },
  create_nonroot_volumes: { description: 'Whether to create the volumes that are not the root volume. Default: true.', required: false },
} as const satisfies Readonly<Record<string, StepArgument>>;

function raidSteps(raid: Raid): readonly StrategyStep[] {
  const create = async (task: Task, target: JsonObject, args: JsonObject, deleteExisting: boolean): Promise<StrategyResult> => {
    const volumes = { root: readFlag(args, 'create_root_volume', true), nonRoot: readFlag(args, 'create_nonroot_volumes', true) };
    const startOver = readFlag(args, 'delete_existing', deleteExisting);
    const wanted = narrowRaidTarget(target, volumes, task.node.uuid);
    if (startOver) await raid.delete(options(task));
    return after(task, await raid.create(wanted, options(task)));
  };
  const after = async (task: Task, next: 'done' | 'wait'): Promise<StrategyResult> =>
    next === 'wait' ? { next, waitsFor: 'the machine to carry out the change of its disk arrays' } : { next, changes: raidFound(task.node, await raid.read(options(task)), task.clock.now()) };
  const resume = (task: Task): Promise<StrategyResult> => after(task, 'done');
  return [
    {
      ...PLAIN, kind: 'clean', interface: 'raid', name: 'create_configuration', resume,
      arguments: { ...VOLUME_ARGUMENTS, delete_existing: { description: 'Whether to delete what is there first. Default: false.', required: false } },
      run: (task, args) => create(task, task.node.targetRaidConfig, args, false),
    },
    {
      ...PLAIN, kind: 'clean', interface: 'raid', name: 'delete_configuration', resume, arguments: {},
      run: async (task) => after(task, await raid.delete(options(task))),
    },
    {
      ...PLAIN, kind: 'deploy', interface: 'raid', name: 'apply_configuration', resume,
      arguments: {
        raid_config: { description: 'The disk arrays to create: {logical_disks: [...]}.', required: true },
        ...VOLUME_ARGUMENTS,
        delete_existing: { description: 'Whether to delete what is there first. Default: true.', required: false },
      },
      run: async (task, args) => create(task, readDocument(args, 'raid_config'), args, true),
    },
  ];
}

function options({ signal }: Task): CallOptions {
  return { signal };
}

function readFlag(args: JsonObject, name: string, fallback: boolean): boolean {
  const value = args[name] ?? fallback;
  if (typeof value === 'boolean') return value;
  throw invalidOptions('Arguments of the step', [{ field: name, problem: 'invalid', expected: 'true or false', received: printValue(value) }]);
}

function readDocument(args: JsonObject, name: string): JsonObject {
  const value = args[name];
  if (isObject(value)) return value;
  throw invalidOptions('Arguments of the step', [{ field: name, problem: 'invalid', expected: 'an object', received: printValue(value) }]);
}

/** `[{name, value}]` as the settings by their names. A value may be a password, so an error does not repeat it. */
function readSettings(value: JsonValue): Readonly<Record<string, JsonValue>> {
  const pairs = (Array.isArray(value) ? value : [null]).map((each: JsonValue) => {
    const setting = isObject(each) && typeof each['name'] === 'string' && each['value'] !== undefined ? ([each['name'], each['value']] as const) : undefined;
    if (setting !== undefined) return setting;
    throw invalidOptions('Arguments of the step', [{ field: 'settings', problem: 'invalid', expected: 'a list of {name, value}' }]);
  });
  return Object.fromEntries(pairs);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
