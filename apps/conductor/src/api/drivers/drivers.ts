import { EMPTY_IMPLEMENTATIONS } from '@ferric/core';
import { faults } from '../../fault.js';
import { bootMethodDocument, callBootMethod } from '../boot/boot-method.js';
import type { ApiDependencies } from '../dependencies.js';
import { fieldList, oneOf, truth } from '../http/argument-types.js';
import { defineEndpoint, ok, type AnyEndpoint, type Call } from '../http/endpoint.js';
import { VENDOR_METHODS_SCHEMA, vendorCallEndpoints, vendorMethodsDocument } from '../http/vendor-calls.js';
import { viewOf } from '../nodes/node-lookup.js';
import { LOGICAL_DISK_PROPERTIES } from '../nodes/raid-config.js';
import { listSchema, recordSchema } from '../openapi/schemas.js';
import { presentersOf } from '../table/presenter.js';
import { readSelection } from '../table/selection.js';
import { DRIVER_TABLE } from './driver-fields.js';

const driverType = oneOf(['classic', 'dynamic'], () => '"type" filter must be one of "classic" or "dynamic", if specified.');
const fields = { type: fieldList, description: 'Names of the fields to show, between commas.', since: 77 } as const;
const PROPERTIES_SCHEMA = { type: 'object', additionalProperties: { type: 'string' } } as const;

/** `/v1/drivers`. */
export function driverEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const presenters = presentersOf(DRIVER_TABLE, []);
  const nameOf = ({ parameters }: Call<unknown, unknown>): string => parameters['driver'] ?? '';
  return [
    defineEndpoint({
      method: 'GET',
      path: '/drivers',
      summary: 'Lists hardware types.',
      query: {
        type: { type: driverType, description: 'classic or dynamic; all are dynamic.', since: 30, namesVersion: true },
        detail: { type: truth, description: 'Show all fields.', since: 30, namesVersion: true },
        fields,
      },
      answer: { status: 200, description: 'The hardware types.', schema: listSchema(DRIVER_TABLE) },
      async handle(call) {
        const presenter = presenters(call.version, readSelection(DRIVER_TABLE, call.query, call.version, 'summary'));
        const drivers = call.query.type === 'classic' ? [] : await api.drivers.list();
        return ok({ drivers: drivers.map((driver) => presenter.present(driver, viewOf(api, call))) });
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/drivers/:driver',
      summary: 'Shows a hardware type.',
      query: { fields },
      answer: { status: 200, description: 'The hardware type.', schema: recordSchema(DRIVER_TABLE) },
      async handle(call) {
        const presenter = presenters(call.version, readSelection(DRIVER_TABLE, call.query, call.version, 'whole record'));
        return ok(presenter.present(await api.drivers.find(nameOf(call)), viewOf(api, call)));
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/drivers/:driver/properties',
      summary: 'Describes what driver_info may hold.',
      answer: { status: 200, description: 'Fields by their names.', schema: PROPERTIES_SCHEMA },
      handle: async (call) => ok(await api.drivers.properties(nameOf(call))),
    }),
    defineEndpoint({
      method: 'GET',
      path: '/drivers/:driver/raid/logical_disk_properties',
      summary: 'Describes what a logical disk may say.',
      since: 12,
      older: 'not acceptable',
      answer: { status: 200, description: 'Members by their names.', schema: PROPERTIES_SCHEMA },
      async handle(call) {
        const { name, defaultInterfaces } = await api.drivers.find(nameOf(call));
        const raid = defaultInterfaces.raid;
        if (raid === null || raid === EMPTY_IMPLEMENTATIONS.raid) throw faults.raidUnsupported(name);
        return ok(LOGICAL_DISK_PROPERTIES);
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/drivers/:driver/vendor_passthru/methods',
      summary: 'Lists the vendor methods of a hardware type.',
      answer: { status: 200, description: 'The methods by their names.', schema: VENDOR_METHODS_SCHEMA },
      async handle(call) {
        const name = nameOf(call);
        const methods = vendorMethodsDocument(await api.drivers.vendorMethods(name), { locks: false });
        return ok({ ...methods, ...bootMethodDocument(api, await api.drivers.find(name)) });
      },
    }),
    ...vendorCallEndpoints('/drivers/:driver/vendor_passthru', async (vendorCall, call) => {
      const { method, httpMethod, args } = vendorCall;
      return callBootMethod(api, nameOf(call), vendorCall) ?? api.drivers.callVendorMethod(nameOf(call), method, httpMethod, args, call.requester);
    }),
  ];
}
