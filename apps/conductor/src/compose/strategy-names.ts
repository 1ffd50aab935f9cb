import { STRATEGY_INTERFACES, type HardwareType, type PluginParts, type StrategyInterfaceName } from '@ferric/core';

/** The names that hardware types have for strategies of others. */
export interface StrategyNames {
  /** What a package would add that stands for something else already, here or in an earlier package. @param isStrategy whether a strategy is called so itself */
  clash(parts: PluginParts, isStrategy: (name: StrategyInterfaceName, implementation: string) => boolean): string | undefined;
  add(type: HardwareType): void;
  /** The name that the strategy gives itself; every other name as it is. */
  resolve(name: StrategyInterfaceName, implementation: string): string;
  /** Every name that one of these strategies has. */
  namesFor(name: StrategyInterfaceName, strategies: readonly string[]): readonly string[];
}

interface Synonym {
  readonly interface: StrategyInterfaceName;
  readonly name: string;
  readonly target: string;
}

export function createStrategyNames(): StrategyNames {
  const known = new Map<StrategyInterfaceName, Map<string, string>>(STRATEGY_INTERFACES.map((each) => [each, new Map()]));
  const targetOf = (name: StrategyInterfaceName, implementation: string): string | undefined => known.get(name)?.get(implementation);
  return {
    clash({ hardwareTypes, strategies }, isStrategy) {
      const wanted = hardwareTypes.flatMap(synonymsOf);
      const isTaken = ({ interface: name, name: own, target }: Synonym): boolean =>
        isStrategy(name, own) || strategies.some((each) => each.interface === name && each.name === own) || (targetOf(name, own) ?? target) !== target;
      const taken = wanted.find((synonym) => isTaken(synonym) || wanted.some((other) => isSameName(other, synonym) && other.target !== synonym.target));
      const shadowed = strategies.find((each) => targetOf(each.interface, each.name) !== undefined);
      const clashing = taken ?? shadowed;
      return clashing === undefined ? undefined : `The ${clashing.interface} interface ${clashing.name}`;
    },
    add(type) {
      for (const { interface: name, name: own, target } of synonymsOf(type)) known.get(name)?.set(own, target);
    },
    resolve: (name, implementation) => targetOf(name, implementation) ?? implementation,
    namesFor: (name, strategies) => [...strategies, ...[...(known.get(name) ?? [])].filter(([, target]) => strategies.includes(target)).map(([own]) => own)],
  };
}

function synonymsOf({ strategyNames = {} }: HardwareType): readonly Synonym[] {
  return STRATEGY_INTERFACES.flatMap((each) => Object.entries(strategyNames[each] ?? {}).map(([name, target]) => ({ interface: each, name, target })));
}

function isSameName(one: Synonym, other: Synonym): boolean {
  return one.interface === other.interface && one.name === other.name;
}
