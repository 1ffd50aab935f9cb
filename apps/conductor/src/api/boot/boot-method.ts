import type { JsonObject } from '@ferric/core';
import { faults } from '../../fault.js';
import type { DriverFacts } from '../../nodes/node-service.js';
import type { ApiDependencies } from '../dependencies.js';
import type { VendorCall, VendorResult } from '../http/vendor-calls.js';

/** The driver's vendor method that answers with boot scripts. Source: the specification "iPXE Dynamic Configuration". */
const BOOT_METHOD = 'ipxe_config';

/** Its address below `/v1`, for a hardware type. */
export const BOOT_METHOD_PATH = `/drivers/:driver/vendor_passthru/${BOOT_METHOD}`;

/** The method as `/methods` lists it, for hardware types whose machines can boot by iPXE. */
export function bootMethodDocument({ boot }: ApiDependencies, { enabledInterfaces }: DriverFacts): JsonObject {
  if (boot === undefined || !enabledInterfaces.boot.some((name) => boot.boots(name))) return {};
  return {
    [BOOT_METHOD]: {
      http_methods: ['GET'],
      async: false,
      description: 'Answers with the iPXE script of a node, named by node_uuid or by the port_address of one of its ports.',
      attach: true,
    },
  };
}

/** What becomes of the method where it was called in another way than by its own path with GET; undefined for other methods. */
export function callBootMethod({ boot }: ApiDependencies, driver: string, { method, httpMethod, args }: VendorCall): VendorResult | undefined {
  if (boot === undefined || method !== BOOT_METHOD) return undefined;
  if (httpMethod !== 'GET') throw faults.vendorHttpMethod(method, httpMethod);
  const query = new URLSearchParams(args as Record<string, string>);
  return { kind: 'elsewhere', location: `/v1${BOOT_METHOD_PATH.replace(':driver', encodeURIComponent(driver))}?${query.toString()}` };
}
