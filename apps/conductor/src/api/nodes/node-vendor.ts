import type { ApiDependencies } from '../dependencies.js';
import { defineEndpoint, ok, type AnyEndpoint } from '../http/endpoint.js';
import { VENDOR_METHODS_SCHEMA, vendorCallEndpoints, vendorMethodsDocument } from '../http/vendor-calls.js';
import { identifierOf } from './node-lookup.js';

/** `/v1/nodes/{node}/vendor_passthru`. */
export function nodeVendorEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const path = '/nodes/:node/vendor_passthru';
  return [
    defineEndpoint({
      method: 'GET',
      path: `${path}/methods`,
      summary: 'Lists the vendor methods of a node.',
      answer: { status: 200, description: 'The methods by their names.', schema: VENDOR_METHODS_SCHEMA },
      handle: async (call) => ok(vendorMethodsDocument(await api.nodes.vendorMethods(identifierOf(call)), { locks: true })),
    }),
    ...vendorCallEndpoints(path, ({ method, httpMethod, args }, call) => api.nodes.callVendorMethod(identifierOf(call), method, httpMethod, args, call.requester)),
  ];
}
