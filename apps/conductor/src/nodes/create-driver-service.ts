import {
  describeProperties,
  DEVICE_INTERFACES,
  enabledImplementations,
  isEmptyImplementation,
  STRATEGY_INTERFACES,
  type HardwareType,
  type InterfaceName,
  type VendorMethods,
} from '@ferric/core';
import { everyInterface, type Registry } from '../compose/registry.js';
import { faults } from '../fault.js';
import type { Store } from '../store/store.js';
import type { ConductorContext } from './conductor-context.js';
import type { DriverFacts, DriverService } from './node-service.js';
import { admitMethod, parseArguments, toAnswer } from './vendor-passthru.js';

/** What clients may ask of the installed hardware types. */
export function createDriverService(context: ConductorContext): DriverService {
  const { registry, store } = context;

  const requireType = (name: string): HardwareType => {
    const resolved = registry.hardwareType(name);
    if (resolved === undefined) throw faults.driverNotFound(name);
    return resolved.type;
  };

  return {
    async list() {
      const hosts = await hostsByDriver(store);
      return registry.hardwareTypes.map((type) => describeType(registry, type, hosts.get(type.name) ?? [context.hostname]));
    },

    async find(name) {
      const type = requireType(name);
      const hosts = await hostsByDriver(store);
      return describeType(registry, type, hosts.get(type.name) ?? [context.hostname]);
    },

    async properties(name) {
      const type = requireType(name);
      const chosen = (each: InterfaceName): string | undefined => enabledImplementations(type, each, registry.installed)[0];
      const ofDrivers = DEVICE_INTERFACES.flatMap((each) => registry.driver(chosen(each) ?? '')?.driverInfo ?? []);
      const ofStrategies = STRATEGY_INTERFACES.flatMap((each) => registry.strategy(each, chosen(each) ?? '')?.properties ?? []);
      return Object.assign({}, ...[...new Set([...ofDrivers, ...ofStrategies])].map(describeProperties)) as Record<string, string>;
    },

    vendorMethods: async (name) => vendorOf(registry, requireType(name))?.methods ?? {},

    async callVendorMethod(name, methodName, httpMethod, args, requester) {
      const method = admitMethod(vendorOf(registry, requireType(name)), methodName, httpMethod);
      const parsed = parseArguments(methodName, method, args);
      const timeoutMs = context.settings.deviceTimeoutMs;
      if (!method.async) return toAnswer(method, await method.call(parsed, { signal: requester.signal, timeoutMs }));
      context.background.run(`driver method ${name} ${methodName}`, async (signal) => void (await method.call(parsed, { signal, timeoutMs })));
      return { kind: 'accepted' };
    },
  };
}

/** Driver-level methods belong to the type's default vendor interface. Source: Ironic, driver_vendor_passthru. */
function vendorOf(registry: Registry, type: HardwareType): VendorMethods | undefined {
  const implementation = enabledImplementations(type, 'vendor', registry.installed)[0];
  return implementation === undefined || isEmptyImplementation('vendor', implementation) ? undefined : registry.driver(implementation)?.vendor;
}

function describeType(registry: Registry, type: HardwareType, hosts: readonly string[]): DriverFacts {
  const enabled = everyInterface((name) => enabledImplementations(type, name, registry.installed));
  return { name: type.name, hosts, enabledInterfaces: enabled, defaultInterfaces: everyInterface((name) => enabled[name][0] ?? null) };
}

async function hostsByDriver(store: Store): Promise<ReadonlyMap<string, readonly string[]>> {
  const hosts = new Map<string, string[]>();
  for (const conductor of await store.conductors.list()) {
    for (const driver of conductor.drivers) hosts.set(driver, [...(hosts.get(driver) ?? []), conductor.hostname]);
  }
  return hosts;
}
