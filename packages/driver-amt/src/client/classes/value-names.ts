/**
 * Names of the numbers that several classes share. Sources: CIM schema 2.x of the DMTF (the classes by name); Intel AMT Implementation and
 * Reference Guide, WS-Management Class Reference, for the classes of Intel.
 */

/** CIM_EnabledLogicalElement.EnabledState. */
export const ENABLED_STATES = {
  0: 'unknown', 1: 'other', 2: 'enabled', 3: 'disabled', 4: 'shutting down', 5: 'not applicable', 6: 'enabled but offline', 7: 'in test',
  8: 'deferred', 9: 'quiesce', 10: 'starting',
} as const;

/** CIM_EnabledLogicalElement.RequestedState. */
export const REQUESTED_STATES = {
  0: 'unknown', 2: 'enabled', 3: 'disabled', 4: 'shut down', 5: 'no change', 6: 'offline', 7: 'test', 8: 'deferred', 9: 'quiesce', 10: 'reboot',
  11: 'reset', 12: 'not applicable',
} as const;

/** CIM_EnabledLogicalElement.EnabledDefault. */
export const ENABLED_DEFAULTS = {
  2: 'enabled', 3: 'disabled', 5: 'not applicable', 6: 'enabled but offline', 7: 'no default', 9: 'quiesce',
} as const;

/** CIM_ManagedSystemElement.OperationalStatus. */
export const OPERATIONAL_STATUSES = {
  0: 'unknown', 1: 'other', 2: 'ok', 3: 'degraded', 4: 'stressed', 5: 'predictive failure', 6: 'error', 7: 'non-recoverable error', 8: 'starting',
  9: 'stopping', 10: 'stopped', 11: 'in service', 12: 'no contact', 13: 'lost communication', 14: 'aborted', 15: 'dormant',
  16: 'supporting entity in error', 17: 'completed', 18: 'power mode', 19: 'relocating',
} as const;

/** CIM_ManagedSystemElement.HealthState. */
export const HEALTH_STATES = {
  0: 'unknown', 5: 'ok', 10: 'degraded', 15: 'minor failure', 20: 'major failure', 25: 'critical failure', 30: 'non-recoverable error',
} as const;

/** CIM_PhysicalPackage.PackageType. */
export const PACKAGE_TYPES = {
  0: 'unknown', 1: 'other', 2: 'rack', 3: 'chassis', 4: 'backplane', 5: 'container', 6: 'power supply', 7: 'fan', 8: 'sensor', 9: 'module or card',
  10: 'port or connector', 11: 'battery', 12: 'processor', 13: 'memory', 14: 'power source', 15: 'storage media', 16: 'blade', 17: 'blade expansion',
} as const;

/** CIM_Log.OverwritePolicy, with the value that AMT adds for the audit log. */
export const OVERWRITE_POLICIES = {
  0: 'unknown', 2: 'wraps when full', 7: 'never overwrites', 32768: 'wraps when full after a number of days',
} as const;
