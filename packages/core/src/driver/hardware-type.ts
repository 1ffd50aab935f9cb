import { EMPTY_IMPLEMENTATIONS, type InterfaceName, type StrategyInterfaceName } from './interfaces.js';

/** A second name of a hardware type, from the time when a driver fixed how a node boots and deploys: `pxe_wol`. */
export interface HardwareTypeAlias {
  readonly name: string;
  /** Interfaces that a node created under this name gets. */
  readonly interfaces: Partial<Readonly<Record<InterfaceName, string>>>;
}

/** A kind of machine: which implementations it supports for each interface, in order of preference. */
export interface HardwareType {
  /** What a node's `driver` field says: `staging-wol`. */
  readonly name: string;
  /** One line for people. */
  readonly description: string;
  /** Interfaces that are left out support only the empty implementation. */
  readonly interfaces: Partial<Readonly<Record<InterfaceName, readonly string[]>>>;
  readonly aliases?: readonly HardwareTypeAlias[];
  /**
   * Names of its own for strategies that work on any hardware: `{ boot: { 'acme-virtual-media': 'virtual-media' } }`. They stand in
   * {@link HardwareType.interfaces} like others, and nodes show them.
   */
  readonly strategyNames?: Partial<Readonly<Record<StrategyInterfaceName, Readonly<Record<string, string>>>>>;
}

/**
 * What strategies do on any hardware, best first. A hardware type spreads it, and writes what differs behind it.
 * Without a network service, which is Ironic's rule too, `noop` is the default. Source: Ironic, ironic/drivers/generic.py.
 */
export const GENERIC_IMPLEMENTATIONS = {
  boot: ['ipxe', 'pxe', 'http-ipxe', 'http'],
  deploy: ['direct', 'ansible', 'ramdisk', 'anaconda', 'bootc', 'custom-agent'],
  inspect: ['agent'],
  network: ['noop', 'flat', 'neutron'],
  raid: ['no-raid', 'agent'],
  rescue: ['no-rescue', 'agent'],
  storage: ['noop', 'cinder', 'external'],
} as const satisfies HardwareType['interfaces'];

/** All implementations a type supports for an interface: its own in order, then the empty one. */
export function supportedImplementations(type: HardwareType, name: InterfaceName): readonly string[] {
  const own = type.interfaces[name] ?? [];
  const empty = EMPTY_IMPLEMENTATIONS[name];
  return empty === null || own.includes(empty) ? own : [...own, empty];
}
