/**
 * The words of Node Manager's interface and their numbers on the wire.
 * Sources: OpenStack ironic-staging-drivers, intel_nm/nm_commands.py and its JSON schemas (the words); FreeIPMI 1.6.10,
 * libfreeipmi/cmds/ipmi-oem-intel-node-manager-cmds.h (the numbers).
 */

/** Parts of the machine whose power is measured and limited. `protection` has statistics, but no policies. */
export const NM_DOMAINS = { platform: 0, cpu: 1, memory: 2, protection: 3, io: 4 } as const;
export type NmDomain = keyof typeof NM_DOMAINS;

/** Domains that can have policies. */
export const NM_POLICY_DOMAINS = ['platform', 'cpu', 'memory', 'io'] as const satisfies readonly NmDomain[];
export type NmPolicyDomain = (typeof NM_POLICY_DOMAINS)[number];

/**
 * What makes a policy act: always (`none`), inlet temperature, a power reading that is missing (`power`), time after a reset of the
 * platform, or only while the machine boots.
 */
export const NM_TRIGGERS = { none: 0, temperature: 1, power: 2, reset: 3, boot: 4 } as const;
export type NmTrigger = keyof typeof NM_TRIGGERS;

/** How the processor's power is corrected. The spelling of `unagressive` is that of the interface. */
export const NM_CPU_CORRECTIONS = { auto: 0x00, unagressive: 0x20, aggressive: 0x40 } as const;
export type NmCpuCorrection = keyof typeof NM_CPU_CORRECTIONS;

/** Whether a policy outlives a reset. */
export const NM_STORAGES = { persistent: 0x00, volatile: 0x80 } as const;
export type NmStorage = keyof typeof NM_STORAGES;

/**
 * What happens when the limit cannot be kept, as ironic-staging-drivers numbers it. FreeIPMI 1.6.10 has another reading: bit 0 sends an alert,
 * bit 1 shuts down. Which one firmware follows was not seen here.
 */
export const NM_ACTIONS = { alert: 0, shutdown: 1 } as const;
export type NmAction = keyof typeof NM_ACTIONS;

/** Whether power is counted before (`primary`) or behind (`secondary`) the power supply. */
export const NM_POWER_DOMAINS = { primary: 0x00, secondary: 0x80 } as const;
export type NmPowerDomain = keyof typeof NM_POWER_DOMAINS;

/** What a boot policy favours. */
export const NM_BOOT_MODES = { power: 0, performance: 1 } as const;
export type NmBootMode = keyof typeof NM_BOOT_MODES;

export const NM_DAYS = { monday: 0x01, tuesday: 0x02, wednesday: 0x04, thursday: 0x08, friday: 0x10, saturday: 0x20, sunday: 0x40 } as const;
export type NmDay = keyof typeof NM_DAYS;

/** What is enabled or disabled: Node Manager, one domain, or one policy. The number is that of "disable"; "enable" is one more. */
export const NM_CONTROL_SCOPES = { global: 0, domain: 2, policy: 4 } as const;
export type NmControlScope = keyof typeof NM_CONTROL_SCOPES;

/** Statistics of a whole domain, and those five of Node Manager itself that belong to no domain. */
export const NM_GLOBAL_STATISTICS = {
  power: 0x01,
  temperature: 0x02,
  throttling: 0x03,
  airflow: 0x04,
  airflow_temperature: 0x05,
  chassis_power: 0x06,
  unhandled_requests: 0x1b,
  response_time: 0x1c,
  cpu_throttling: 0x1d,
  memory_throttling: 0x1e,
  communication_failures: 0x1f,
} as const;

/** Statistics of one policy. */
export const NM_POLICY_STATISTICS = { power: 0x11, trigger: 0x12, throttling: 0x13 } as const;

/** The statistics that can be reset one by one; they need no domain. */
export const NM_RESETTABLE_STATISTICS = ['unhandled_requests', 'response_time', 'cpu_throttling', 'memory_throttling', 'communication_failures'] as const;
export type NmResettableStatistic = (typeof NM_RESETTABLE_STATISTICS)[number];

export const NM_STATISTICS = { global: NM_GLOBAL_STATISTICS, policy: NM_POLICY_STATISTICS } as const;
export type NmStatisticsScope = keyof typeof NM_STATISTICS;
export type NmStatistic = keyof typeof NM_GLOBAL_STATISTICS | keyof typeof NM_POLICY_STATISTICS;

/** What is reset as a whole. */
export const NM_RESET_SCOPES = { global: 0, policy: 1 } as const satisfies Readonly<Record<NmStatisticsScope, number>>;

/** Releases of Node Manager by their number. */
export const NM_VERSIONS: ReadonlyMap<number, string> = new Map([[1, '1.0'], [2, '1.5'], [3, '2.0'], [4, '2.5'], [5, '3.0']]);

/** Releases of its IPMI interface by their number. */
export const NM_IPMI_VERSIONS: ReadonlyMap<number, string> = new Map([[1, '1.0'], [2, '2.0'], [3, '3.0']]);
