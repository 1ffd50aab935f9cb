import { defineVendorMethod, type HttpMethod, type JsonValue, type Logger, type VendorMethod } from '@ferric/core';
import type { IpmiMachine } from '@ferric/driver-ipmi';
import { type NmAnswers, nmArguments, type NmMethodName, type NmStatistics } from './client/index.js';
import { snakeCase, toJson } from './json-names.js';
import { createNodeManager, type NodeManager } from './node-manager.js';

interface MethodFacts {
  readonly description: string;
  readonly httpMethods: readonly HttpMethod[];
}

/**
 * The methods as clients see them. What reads is answered with the result, what changes before it is done.
 * Source: ironic-staging-drivers, intel_nm/nm_vendor.py and doc/source/drivers/intel_nm.rst, which do not agree on how statistics are reset.
 */
const METHODS: Readonly<Record<NmMethodName, MethodFacts>> = {
  get_nm_version: { httpMethods: ['GET'], description: 'Get Intel Node Manager version.' },
  get_nm_capabilities: { httpMethods: ['GET'], description: 'Get Intel Node Manager capabilities.' },
  control_nm_policy: { httpMethods: ['PUT'], description: 'Enable or disable Intel Node Manager policy control.' },
  set_nm_policy: { httpMethods: ['PUT'], description: 'Set Intel Node Manager policy.' },
  get_nm_policy: { httpMethods: ['GET'], description: 'Get Intel Node Manager policy.' },
  remove_nm_policy: { httpMethods: ['DELETE'], description: 'Remove Intel Node Manager policy.' },
  set_nm_policy_suspend: { httpMethods: ['PUT'], description: 'Set Intel Node Manager policy suspend periods.' },
  get_nm_policy_suspend: { httpMethods: ['GET'], description: 'Get Intel Node Manager policy suspend periods.' },
  remove_nm_policy_suspend: { httpMethods: ['DELETE'], description: 'Remove Intel Node Manager policy suspend periods.' },
  get_nm_statistics: { httpMethods: ['GET'], description: 'Get Intel Node Manager statistics.' },
  reset_nm_statistics: { httpMethods: ['DELETE', 'PUT'], description: 'Reset Intel Node Manager statistics.' },
};

/** What a client is told when the controller's clock is not set, as ironic-staging-drivers does. */
const NO_TIME = new Date(0);

/** The vendor methods of `staging-nm`, by name. */
export function createNmVendorMethods(machine: IpmiMachine): Readonly<Record<string, VendorMethod>> {
  const nodeManager = createNodeManager(machine);
  return Object.fromEntries((Object.keys(METHODS) as NmMethodName[]).map((name) => [name, vendorMethod(name, nodeManager, machine)]));
}

function vendorMethod(name: NmMethodName, nodeManager: NodeManager, { logger, address }: IpmiMachine): VendorMethod {
  const { description, httpMethods } = METHODS[name];
  const isReading = httpMethods.includes('GET');
  return defineVendorMethod({
    description,
    httpMethods,
    async: !isReading,
    attach: false,
    requireExclusiveLock: !isReading,
    arguments: nmArguments(name, { subject: `Arguments of ${name}`, naming: snakeCase, strict: true }),
    call: async (request, options) => toDocument(await nodeManager.call(name, request, options), logger, address),
  });
}

/** An answer as the document shows it; null where there is none. */
function toDocument(answer: NmAnswers[NmMethodName], logger: Logger, address: string): JsonValue {
  if (answer === undefined) return null;
  return toJson('timestamp' in answer ? { ...answer, timestamp: printTime(answer, logger, address) } : answer);
}

/** ISO 8601 without zone, in UTC. */
function printTime({ timestamp }: NmStatistics, logger: Logger, address: string): string {
  if (timestamp === null) logger.warn({ address }, 'The clock of Node Manager is not set: the timestamp of its statistics means nothing');
  return (timestamp ?? NO_TIME).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
}
