import { delay, FERRIC_ERROR_CODES, FerricError, maskText, type Clock, type DeviceMemory, type FerricErrorCode } from '@ferric/core';
import { integerField, z } from '@ferric/core/zod';

/** Longest scripted delay: ten minutes, beyond any deadline worth testing. */
const LONGEST_DELAY_MS = 600_000;

const delayField = (what: string): z.ZodDefault<z.ZodType<number, number | string>> =>
  integerField({ min: 0, max: LONGEST_DELAY_MS })
    .default(0)
    .meta({ description: `How long ${what} takes. Milliseconds, 0 to ${LONGEST_DELAY_MS}` });

const delayFields = {
  fake_read_delay_ms: delayField('reading a state from the machine'),
  fake_power_delay_ms: delayField('a change of power'),
  fake_management_delay_ms: delayField('a change of boot device, boot mode, secure boot or an indicator, and opening the console'),
  fake_bios_delay_ms: delayField('a change of firmware settings'),
  fake_raid_delay_ms: delayField('creating or deleting disk arrays'),
  fake_vendor_delay_ms: delayField('a vendor method'),
  fake_boot_delay_ms: delayField('preparing a boot'),
  fake_deploy_delay_ms: delayField('deploying and tearing down'),
  fake_clean_delay_ms: delayField('a clean step'),
  fake_inspect_delay_ms: delayField('inspecting'),
  fake_rescue_delay_ms: delayField('rescuing and its end'),
  fake_storage_delay_ms: delayField('attaching and detaching volumes'),
};
type DelayField = keyof typeof delayFields;

/** What a device does, and the delay that slows it down. */
const DEVICE_ACTIONS = {
  'read power': 'fake_read_delay_ms',
  'read boot device': 'fake_read_delay_ms',
  'power on': 'fake_power_delay_ms',
  'power off': 'fake_power_delay_ms',
  rebooting: 'fake_power_delay_ms',
  'soft power off': 'fake_power_delay_ms',
  'soft rebooting': 'fake_power_delay_ms',
  'set boot device': 'fake_management_delay_ms',
  'read boot mode': 'fake_read_delay_ms',
  'set boot mode': 'fake_management_delay_ms',
  'read secure boot': 'fake_read_delay_ms',
  'set secure boot': 'fake_management_delay_ms',
  'read indicators': 'fake_read_delay_ms',
  'set indicator': 'fake_management_delay_ms',
  'read bios': 'fake_read_delay_ms',
  'apply bios': 'fake_bios_delay_ms',
  'reset bios': 'fake_bios_delay_ms',
  'read raid': 'fake_read_delay_ms',
  'create raid': 'fake_raid_delay_ms',
  'delete raid': 'fake_raid_delay_ms',
  'open console': 'fake_management_delay_ms',
  first_method: 'fake_vendor_delay_ms',
  second_method: 'fake_vendor_delay_ms',
  third_method_sync: 'fake_vendor_delay_ms',
  fourth_method_shared_lock: 'fake_vendor_delay_ms',
  log_passthrough: 'fake_clean_delay_ms',
} as const satisfies Readonly<Record<string, DelayField>>;

/** What a strategy does, and the delay that slows it down. */
const STRATEGY_ACTIONS = {
  'prepare ramdisk': 'fake_boot_delay_ms',
  'prepare instance': 'fake_boot_delay_ms',
  deploy: 'fake_deploy_delay_ms',
  'tear down': 'fake_deploy_delay_ms',
  'prepare cleaning': 'fake_clean_delay_ms',
  inspect: 'fake_inspect_delay_ms',
  rescue: 'fake_rescue_delay_ms',
  unrescue: 'fake_rescue_delay_ms',
  'attach volumes': 'fake_storage_delay_ms',
  'detach volumes': 'fake_storage_delay_ms',
} as const satisfies Readonly<Record<string, DelayField>>;

const ACTIONS = { ...DEVICE_ACTIONS, ...STRATEGY_ACTIONS };

export type DeviceAction = keyof typeof DEVICE_ACTIONS;
export type FakeAction = keyof typeof ACTIONS;

/** Everything that can be slowed down and made to fail. */
export const FAKE_ACTIONS = Object.keys(ACTIONS) as readonly FakeAction[];

const failureField = z
  // Strict, because a misspelt key would make another failure than the one that was meant.
  .strictObject({
    action: z.enum(FAKE_ACTIONS),
    code: z.enum(Object.keys(FERRIC_ERROR_CODES) as FerricErrorCode[]).default('REFUSED'),
    message: z.string().min(1).optional(),
    times: z.int().min(1).optional(),
  })
  .refine(({ action, times }) => times === undefined || action in DEVICE_ACTIONS, {
    // A strategy has no memory that outlives its failure, so it could not count.
    error: 'left out: only what the device does can be counted, not what a strategy does',
    path: ['times'],
  });

/** The fields of driver_info by which a fake machine is told to be slow or to fail. */
export const scriptFields = {
  ...delayFields,
  fake_failures: z
    .array(failureField)
    .default([])
    .meta({
      description:
        'Failures to show: a list of {action, code, message, times}. code is an error code of Ferric (default REFUSED), ' +
        'times how often it fails before it works (default always)',
    }),
};

/** A parsed script. */
export type FakeScript = z.output<z.ZodObject<typeof scriptFields>>;
type Failure = FakeScript['fake_failures'][number];

/** Where a scripted action takes place. */
export interface ScriptStage {
  readonly signal: AbortSignal;
  readonly clock?: Clock | undefined;
  /** Where failures with `times` are counted. */
  readonly memory?: DeviceMemory | undefined;
}

/** How long an action takes. Milliseconds. */
export function actionDelayMs(script: FakeScript, action: FakeAction): number {
  return script[ACTIONS[action]];
}

/**
 * Takes the time that the script asks for, then fails if the script says so.
 * @throws the scripted failure, or the abort reason of the stage's signal.
 */
export async function playAction(script: FakeScript, action: FakeAction, stage: ScriptStage): Promise<void> {
  const delayMs = actionDelayMs(script, action);
  if (delayMs > 0) await delay(delayMs, stage);
  const failure = takeFailure(script.fake_failures, action, stage.memory);
  if (failure === undefined) return;
  throw new FerricError(failure.code, maskText(failure.message ?? `Scripted failure of '${action}'`), {
    details: { step: action },
    hint: 'Remove it from fake_failures in driver_info to let this succeed.',
  });
}

/** Key of the machine's memory under which used failures are counted. */
export const FAILURE_COUNTS_KEY = 'fake_failure_counts';

/** What tells a failure from the others of its script. Without its message, which may hold what must not be remembered. */
function countKey({ action, code, times }: Failure, index: number): string {
  return `${index} ${action} ${code} ${times}`;
}

function takeFailure(failures: readonly Failure[], action: FakeAction, memory: DeviceMemory | undefined): Failure | undefined {
  const counts = (memory?.get(FAILURE_COUNTS_KEY) ?? {}) as Readonly<Record<string, number>>;
  const keys = failures.map(countKey);
  const used = keys.map((key) => counts[key] ?? 0);
  const index = failures.findIndex(({ action: fails, times }, place) => fails === action && Number(used[place]) < (times ?? Number.POSITIVE_INFINITY));
  const failure = failures[index];
  if (failure?.times !== undefined) {
    // Only what the script still holds is remembered, so that the counts cannot grow.
    const next = keys.map((key, place) => [key, Number(used[place]) + (place === index ? 1 : 0)] as const);
    memory?.set(FAILURE_COUNTS_KEY, Object.fromEntries(next.filter(([, count]) => count > 0)));
  }
  return failure;
}
