import { checkInteger } from './checks/fields.js';

/** What holds for every node that does not say otherwise in its own fields. */
export interface BootSettings {
  /** Where the deploy agent's kernel and ramdisk are: http, https or file:///. A node's `driver_info.deploy_kernel` and `deploy_ramdisk` win. */
  readonly deployKernel?: string;
  readonly deployRamdisk?: string;
  /** The same for rescuing. A node's `driver_info.rescue_kernel` and `rescue_ramdisk` win. */
  readonly rescueKernel?: string;
  readonly rescueRamdisk?: string;
  /** Parameters of every kernel. A node's `kernel_append_params` win; they may have `%default%` in them, which stands for these. Default `nofb vga=normal`, as Ironic. */
  readonly kernelAppendParams: string;
  /** How often a machine tries again to load its files before it gives up, n seconds after the n-th failure. 1..100, default 10. */
  readonly attempts: number;
  /** Limit for each file, in milliseconds. 0..3600000; 0, the default, leaves it to iPXE, which gives up when nothing comes any more. */
  readonly fileTimeoutMs: number;
  /** Whether a person at the machine's console gets iPXE's shell when there is nothing to boot: whoever has it can boot anything. Default false. */
  readonly allowShell: boolean;
  /** With what iPXE ends to have the firmware boot the disk: some firmware goes on after 0 only, some after anything else only. 0..255, default 0. */
  readonly localBootExitCode: number;
}

export const DEFAULT_BOOT_SETTINGS: BootSettings = {
  kernelAppendParams: 'nofb vga=normal',
  attempts: 10,
  fileTimeoutMs: 0,
  allowShell: false,
  localBootExitCode: 0,
};

const RANGES = {
  attempts: { min: 1, max: 100 },
  fileTimeoutMs: { min: 0, max: 3_600_000 },
  localBootExitCode: { min: 0, max: 255 },
} as const;

/** Checks the numbers. Texts are checked where they are used, for a node may have its own. Throws INVALID_OPTIONS. */
export function checkNumbers(settings: BootSettings): void {
  for (const [name, range] of Object.entries(RANGES)) checkInteger({ name, value: settings[name as keyof typeof RANGES] }, range);
}
