/**
 * The thirteen interfaces of a node.
 * Source: Ironic, ironic/drivers/base.py (ALL_INTERFACES).
 */
export const INTERFACES = [
  'bios', 'boot', 'console', 'deploy', 'firmware', 'inspect', 'management', 'network', 'power', 'raid', 'rescue', 'storage', 'vendor',
] as const;
export type InterfaceName = (typeof INTERFACES)[number];

/** Interfaces that a driver's devices implement. */
export const DEVICE_INTERFACES = ['bios', 'console', 'firmware', 'management', 'power', 'raid', 'vendor'] as const;
export type DeviceInterfaceName = (typeof DEVICE_INTERFACES)[number];

/** Interfaces that a strategy implements, written once for all hardware. */
export const STRATEGY_INTERFACES = ['boot', 'deploy', 'inspect', 'network', 'rescue', 'storage'] as const;
export type StrategyInterfaceName = (typeof STRATEGY_INTERFACES)[number];

/**
 * The implementation that does nothing, which every hardware type supports last. Names as in Ironic,
 * but for boot and deploy, for which Ironic has none: a machine can be powered without being deployed.
 */
export const EMPTY_IMPLEMENTATIONS: Readonly<Record<InterfaceName, string | null>> = {
  bios: 'no-bios',
  boot: 'no-boot',
  console: 'no-console',
  deploy: 'no-deploy',
  firmware: 'no-firmware',
  inspect: 'no-inspect',
  management: 'noop',
  network: 'noop',
  power: null,
  raid: 'no-raid',
  rescue: 'no-rescue',
  storage: 'noop',
  vendor: 'no-vendor',
};

/** Empty implementations that work (there is nothing to do); the others answer "not supported". */
export const WORKING_EMPTY_IMPLEMENTATIONS: ReadonlySet<InterfaceName> = new Set(['management', 'network', 'storage']);

/**
 * Implementations of device interfaces that no driver has: the steps that the ramdisk offers do the work. A hardware type may name them
 * where its machines boot a deploy agent. Source: Ironic, ironic/drivers/generic.py and ironic/drivers/modules/agent.py (AgentRAID).
 */
export const RAMDISK_IMPLEMENTATIONS: Readonly<Partial<Record<InterfaceName, string>>> = { raid: 'agent' };

/** True when this name stands for "the steps of the ramdisk implement this interface". */
export function isRamdiskImplementation(name: InterfaceName, implementation: string): boolean {
  return RAMDISK_IMPLEMENTATIONS[name] === implementation;
}

/** True when this name stands for "nothing implements this interface". */
export function isEmptyImplementation(name: InterfaceName, implementation: string): boolean {
  return EMPTY_IMPLEMENTATIONS[name] === implementation;
}
