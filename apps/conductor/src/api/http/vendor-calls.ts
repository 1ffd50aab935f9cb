import type { HttpMethod, JsonObject, Secret, VendorMethod } from '@ferric/core';
import { faults } from '../../fault.js';
import type { VendorAnswer } from '../../nodes/node-service.js';
import { secretObjectBody } from './body-readers.js';
import { defineEndpoint, type AnyEndpoint, type Answer, type Call } from './endpoint.js';
import { plainScalar } from './python-text.js';

const HTTP_METHODS: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Methods whose arguments may stand in the query. */
const QUERY_METHODS: ReadonlySet<HttpMethod> = new Set(['GET', 'DELETE']);

/** A call of a vendor method, as a path and its query give it. */
export interface VendorCall {
  readonly method: string;
  readonly httpMethod: HttpMethod;
  readonly args: JsonObject;
}

/** What a vendor method answers, or where else it is to be asked. */
export type VendorResult = VendorAnswer | { readonly kind: 'elsewhere'; readonly location: string };

/** Calls a vendor method; `call` says of which node or driver. */
export type RunVendorMethod = (vendorCall: VendorCall, call: Call<unknown, unknown>) => Promise<VendorResult>;

/**
 * Both ways to call the vendor methods below a path, with every HTTP method: which one a vendor method wants, it says itself.
 * Source: Ironic, ironic/api/controllers/v1/utils.py (vendor_passthru).
 */
export function vendorCallEndpoints(path: string, run: RunVendorMethod): readonly AnyEndpoint[] {
  return HTTP_METHODS.flatMap((httpMethod) =>
    [path, `${path}/:method`].map((each) =>
      defineEndpoint({
        method: httpMethod,
        path: each,
        summary: 'Calls a vendor method.',
        openQuery: true,
        callsDevice: true,
        body: secretObjectBody('data'),
        answer: { status: 200, description: 'What the method returns, as JSON or as a plain file; 202 without a body when it runs on by itself.', schema: {} },
        handle: async (call) => vendorAnswer(await run(readCall(httpMethod, call), call)),
      }),
    ),
  );
}

function readCall(httpMethod: HttpMethod, { parameters, query, body }: Call<unknown, Secret<JsonObject>>): VendorCall {
  const { method: named, ...queryArguments } = query as Readonly<Record<string, string>>;
  const method = parameters['method'] ?? named;
  if (method === undefined || method === '') throw faults.invalid('Method not specified');
  const unexpected = Object.keys(queryArguments);
  if (unexpected.length > 0 && !QUERY_METHODS.has(httpMethod)) throw faults.invalid(`Unexpected arguments: ${unexpected.map(plainScalar).join(', ')}`);
  return { method, httpMethod, args: { ...body.reveal(), ...queryArguments } };
}

function vendorAnswer(answer: VendorResult): Answer {
  if (answer.kind === 'elsewhere') return { status: 302, headers: { location: answer.location } };
  if (answer.kind === 'accepted') return { status: 202 };
  return answer.kind === 'value' ? { status: 200, body: answer.value } : { status: 200, attachment: answer.attachment };
}

/** Vendor methods as `/methods` lists them; those of a driver have no node to lock. */
export function vendorMethodsDocument(methods: Readonly<Record<string, VendorMethod>>, options: { readonly locks: boolean }): JsonObject {
  return Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [
      name,
      {
        http_methods: method.httpMethods,
        async: method.async,
        description: method.description,
        attach: method.attach,
        ...(options.locks ? { require_exclusive_lock: method.requireExclusiveLock } : {}),
      },
    ]),
  );
}

/** JSON Schema of {@link vendorMethodsDocument}. */
export const VENDOR_METHODS_SCHEMA: JsonObject = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    properties: {
      http_methods: { type: 'array', items: { enum: [...HTTP_METHODS] } },
      async: { type: 'boolean' },
      description: { type: 'string' },
      attach: { type: 'boolean' },
      require_exclusive_lock: { type: 'boolean' },
    },
  },
};
