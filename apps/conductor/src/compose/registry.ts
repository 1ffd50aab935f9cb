import {
  EMPTY_IMPLEMENTATIONS,
  enabledImplementations,
  FerricError,
  INTERFACES,
  isRamdiskImplementation,
  RAMDISK_IMPLEMENTATIONS,
  STRATEGY_INTERFACES,
  type AnyDriver,
  type HardwareType,
  type HardwareTypeAlias,
  type InterfaceName,
  type PluginHost,
  type PluginParts,
  type Strategy,
  type StrategyByInterface,
  type StrategyInterfaceName,
} from '@ferric/core';
import { describeFailure } from '../failure-text.js';
import type { RefusedPackage } from './find-packages.js';
import type { LoadedPlugin } from './load-plugins.js';
import { createStrategyNames, type StrategyNames } from './strategy-names.js';

/** A hardware type as a client may name it. */
export interface ResolvedHardwareType {
  readonly type: HardwareType;
  /** Present when the client used an alias. */
  readonly alias?: HardwareTypeAlias;
}

/** Everything that the installed packages add up to. */
export interface Registry extends AsyncDisposable {
  readonly hardwareTypes: readonly HardwareType[];
  readonly drivers: readonly AnyDriver[];
  readonly refused: readonly RefusedPackage[];
  hardwareType(name: string): ResolvedHardwareType | undefined;
  driver(name: string): AnyDriver | undefined;
  /** By its own name, or by the one that a hardware type has for it. */
  strategy<Name extends StrategyInterfaceName>(name: Name, implementation: string): StrategyByInterface[Name] | undefined;
  /** The name that a strategy gives itself, for one that a hardware type has for it; every other name as it is. */
  strategyName(name: StrategyInterfaceName, implementation: string): string;
  /** Names of what implements an interface here, the empty implementation aside. */
  installed(name: InterfaceName): ReadonlySet<string>;
}

/**
 * Builds the registry. A package whose parts clash with those of an earlier one is refused whole; a hardware type
 * that has no driver for its power is left out.
 */
export function createRegistry(plugins: readonly LoadedPlugin[], host: PluginHost, refusedBefore: readonly RefusedPackage[] = []): Registry {
  const refused: RefusedPackage[] = [...refusedBefore];
  const drivers = new Map<string, AnyDriver>();
  const strategies = new Map<string, StrategyByInterface[StrategyInterfaceName]>();
  const types = new Map<string, HardwareType>();
  const aliases = new Map<string, ResolvedHardwareType>();
  const names = createStrategyNames();

  for (const { packageName, plugin } of plugins) {
    const parts = createParts(packageName, plugin.create, host, refused);
    if (parts === undefined) continue;
    const clash = findClash(parts, drivers, strategies, types, aliases, names);
    if (clash !== undefined) {
      refused.push({ name: packageName, reason: `${clash} is already provided by another package` });
      continue;
    }
    for (const driver of parts.drivers) drivers.set(driver.name, driver);
    for (const strategy of parts.strategies) strategies.set(strategyKey(strategy.interface, strategy.name), strategy);
    for (const type of parts.hardwareTypes) {
      types.set(type.name, type);
      for (const alias of type.aliases ?? []) aliases.set(alias.name, { type, alias });
      names.add(type);
    }
  }

  const installed = (name: InterfaceName): ReadonlySet<string> => implementations(name, drivers, strategies, names);
  for (const type of types.values()) {
    if (enabledImplementations(type, 'power', installed).length > 0) continue;
    types.delete(type.name);
    refused.push({ name: type.name, reason: `no installed package provides any power interface of this hardware type (${type.interfaces.power?.join(', ') ?? 'none'})` });
  }

  for (const { name, reason } of refused.slice(refusedBefore.length)) host.logger.warn({ package: name, reason }, 'Driver package refused');

  return {
    hardwareTypes: [...types.values()].toSorted((a, b) => a.name.localeCompare(b.name)),
    drivers: [...drivers.values()],
    refused,
    hardwareType(name) {
      const type = types.get(name);
      if (type !== undefined) return { type };
      const resolved = aliases.get(name);
      return resolved !== undefined && types.has(resolved.type.name) ? resolved : undefined;
    },
    driver: (name) => drivers.get(name),
    strategy: <Name extends StrategyInterfaceName>(name: Name, implementation: string) =>
      strategies.get(strategyKey(name, names.resolve(name, implementation))) as StrategyByInterface[Name] | undefined,
    strategyName: (name, implementation) => names.resolve(name, implementation),
    installed,
    async [Symbol.asyncDispose]() {
      await Promise.all([...drivers.values()].map((driver) => driver[Symbol.asyncDispose]()));
    },
  };
}

function createParts(packageName: string, create: LoadedPlugin['plugin']['create'], host: PluginHost, refused: RefusedPackage[]): PluginParts | undefined {
  try {
    return create(host);
  } catch (error) {
    refused.push({ name: packageName, reason: `its plugin failed to start: ${describeFailure(error)}` });
    return undefined;
  }
}

function strategyKey(name: StrategyInterfaceName, implementation: string): string {
  return `${name} ${implementation}`;
}

function findClash(
  parts: PluginParts,
  drivers: ReadonlyMap<string, AnyDriver>,
  strategies: ReadonlyMap<string, unknown>,
  types: ReadonlyMap<string, HardwareType>,
  aliases: ReadonlyMap<string, ResolvedHardwareType>,
  strategyNames: StrategyNames,
): string | undefined {
  const driver = parts.drivers.find((each) => drivers.has(each.name));
  if (driver !== undefined) return `Driver ${driver.name}`;
  const strategy = parts.strategies.find((each) => strategies.has(strategyKey(each.interface, each.name)));
  if (strategy !== undefined) return `The ${strategy.interface} interface ${strategy.name}`;
  const names = parts.hardwareTypes.flatMap((type) => [type.name, ...(type.aliases ?? []).map((alias) => alias.name)]);
  const type = names.find((name) => types.has(name) || aliases.has(name));
  if (type !== undefined) return `Hardware type ${type}`;
  return strategyNames.clash(parts, (name, implementation) => strategies.has(strategyKey(name, implementation)));
}

function implementations(
  name: InterfaceName,
  drivers: ReadonlyMap<string, AnyDriver>,
  strategies: ReadonlyMap<string, Strategy>,
  names: StrategyNames,
): ReadonlySet<string> {
  if (isStrategyInterface(name)) {
    const own = [...strategies.values()].filter((strategy) => strategy.interface === name).map((strategy) => strategy.name);
    return new Set(names.namesFor(name, own));
  }
  const byRamdisk = RAMDISK_IMPLEMENTATIONS[name];
  const bootsRamdisk = [...strategies.values()].some((strategy) => strategy.interface === 'deploy' && strategy.ramdiskSteps !== undefined);
  return new Set([...drivers.keys(), ...(byRamdisk !== undefined && bootsRamdisk ? [byRamdisk] : [])]);
}

function isStrategyInterface(name: InterfaceName): name is StrategyInterfaceName {
  return (STRATEGY_INTERFACES as readonly string[]).includes(name);
}

/** Chooses all thirteen interfaces of a node at once. */
export function everyInterface<T>(choose: (name: InterfaceName) => T): Readonly<Record<InterfaceName, T>> {
  return Object.fromEntries(INTERFACES.map((name) => [name, choose(name)])) as Record<InterfaceName, T>;
}

/** The driver behind a device interface of a node; undefined when the node uses the empty implementation, or leaves it to its ramdisk. */
export function requireDriver(registry: Registry, name: InterfaceName, implementation: string): AnyDriver | undefined {
  if (EMPTY_IMPLEMENTATIONS[name] === implementation || isRamdiskImplementation(name, implementation)) return undefined;
  const driver = registry.driver(implementation);
  if (driver !== undefined) return driver;
  throw new FerricError('UNSUPPORTED', `The package that provides the ${name} interface '${implementation}' is not installed`, {
    hint: 'Install it and restart the conductor, or choose another interface for the node.',
  });
}
