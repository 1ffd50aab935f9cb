/** Priorities of the clean steps that may run by themselves. Source: Ironic, ironic/conf/ilo.py (clean_priority_*), as it was up to its release Victoria. */
export const CLEAN_PRIORITIES = {
  reset_ilo: 1,
  reset_bios_to_default: 10,
  reset_secure_boot_keys_to_default: 20,
  clear_secure_boot_keys: 0,
  reset_ilo_credential: 30,
} as const;

export type AutomaticStepName = keyof typeof CLEAN_PRIORITIES;
