import type { JsonObject } from '@ferric/core';

/** The three kinds of steps that a conductor runs on an agent. */
export type AgentStepKind = 'clean' | 'deploy' | 'service';

const MATCH_PATTERNS = {
  match_patterns: { description: 'Patterns of the UEFI boot entries that are taken away. This agent takes none away.', required: false },
} as const;
const RAID_CONFIG = {
  raid_config: { description: 'The RAID configuration to apply.', required: true },
  delete_existing: { description: 'Whether what is there is deleted first. Default: true.', required: false },
} as const;
const FILES = {
  files: { description: 'Files to inject: a list of objects with path, partition, content, mode and dirmode.', required: false },
  verify_ca: { description: 'Whether certificates of servers are verified.', required: false },
} as const;
const BURN_INS = ['burnin_cpu', 'burnin_gpu', 'burnin_disk', 'burnin_memory', 'burnin_network'] as const;

/** The name and version that the generic hardware manager gives itself. Source: ironic-python-agent, ironic_python_agent/hardware.py. */
export const MANAGER_CLASS = 'GenericHardwareManager';
export const MANAGER_VERSIONS: Readonly<Record<string, string>> = { generic_hardware_manager: '1.2' };

const clean = (step: string, priority: number, owner: 'deploy' | 'raid' = 'deploy', argsinfo?: JsonObject): JsonObject => ({
  step, priority, interface: owner, reboot_requested: false, abortable: true, ...(argsinfo === undefined ? {} : { argsinfo }),
});
const other = (step: string, owner: 'deploy' | 'raid' = 'deploy', argsinfo?: JsonObject): JsonObject => ({
  step, priority: 0, interface: owner, reboot_requested: false, ...(argsinfo === undefined ? {} : { argsinfo }),
});

/** The steps of the generic manager with their priorities, as recorded from a real agent (test/fixtures/ipa/agent-commands.json). */
export const STEP_LISTS: Readonly<Record<AgentStepKind, readonly JsonObject[]>> = {
  clean: [
    clean('erase_devices_metadata', 99),
    clean('erase_devices', 10),
    clean('erase_devices_express', 0),
    clean('erase_pstore', 0),
    clean('clean_uefi_nvram', 0, 'deploy', MATCH_PATTERNS),
    clean('delete_configuration', 0, 'raid'),
    clean('create_configuration', 0, 'raid'),
    ...BURN_INS.map((name) => clean(name, 0)),
  ],
  deploy: [
    other('erase_devices_metadata'),
    other('apply_configuration', 'raid', RAID_CONFIG),
    other('clean_uefi_nvram', 'deploy', MATCH_PATTERNS),
    other('write_image'),
    other('inject_files', 'deploy', FILES),
    other('execute_bootc_install'),
  ],
  service: [other('delete_configuration', 'raid'), other('apply_configuration', 'raid', RAID_CONFIG), ...BURN_INS.map((name) => other(name))],
};
