import type { BiosSetting, JsonValue } from '@ferric/core';
import { faults } from '../../fault.js';
import type { ApiDependencies } from '../dependencies.js';
import { fieldList, truth } from '../http/argument-types.js';
import { defineEndpoint, ok, type AnyEndpoint } from '../http/endpoint.js';
import { linkPair } from '../http/links.js';
import { listSchema, recordSchema } from '../openapi/schemas.js';
import { defineTable, type Field } from '../table/field.js';
import { LINKS_SCHEMA } from '../table/field-makers.js';
import { presentersOf } from '../table/presenter.js';
import { readSelection } from '../table/selection.js';
import { findNode, viewOf } from './node-lookup.js';

/** A setting and whose it is. */
type NodeBiosSetting = BiosSetting & { readonly nodeUuid: string };

/** First minor version that has the endpoints, and the one that tells more of a setting than its value. */
const SINCE = 40;
const REGISTRY_SINCE = 74;

const fact = (name: string, key: keyof BiosSetting, type: string, description: string): Field<NodeBiosSetting> => ({
  name,
  since: REGISTRY_SINCE,
  description,
  schema: { type: [type, 'null'] },
  columns: [key],
  show: (setting) => (setting[key] ?? null) as JsonValue,
});

/** Source: Ironic, ironic/api/controllers/v1/bios.py. */
export const BIOS_TABLE = defineTable<NodeBiosSetting>({
  name: 'bios_setting',
  collection: 'bios',
  summary: ['name', 'value'],
  fieldsSince: REGISTRY_SINCE,
  detailSince: REGISTRY_SINCE,
  fields: [
    { ...fact('name', 'name', 'string', 'Name as the vendor gives it.'), since: 1 },
    { ...fact('value', 'value', 'string', 'The value now.'), since: 1, schema: {} },
    fact('attribute_type', 'attributeType', 'string', 'Enumeration, String, Integer, Boolean or Password.'),
    fact('allowable_values', 'allowableValues', 'array', 'The values it can have.'),
    fact('lower_bound', 'lowerBound', 'number', 'Smallest value.'),
    fact('max_length', 'maxLength', 'integer', 'Longest text.'),
    fact('min_length', 'minLength', 'integer', 'Shortest text.'),
    fact('read_only', 'readOnly', 'boolean', 'Whether it cannot be changed.'),
    fact('reset_required', 'resetRequired', 'boolean', 'Whether a change needs a reset.'),
    { ...fact('unique', 'name', 'boolean', 'Whether no other machine may have the same; not known here.'), columns: [], show: () => null },
    fact('upper_bound', 'upperBound', 'number', 'Largest value.'),
    {
      name: 'links',
      since: 1,
      description: 'Links to the setting.',
      schema: LINKS_SCHEMA,
      columns: ['nodeUuid', 'name'],
      links: 'always',
      show: (setting, view) => linkPair(view.base, `nodes/${setting.nodeUuid}/bios/${encodeURIComponent(setting.name)}`),
    },
  ],
});

/** `/v1/nodes/{node}/bios`. */
export function nodeBiosEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  const presenters = presentersOf(BIOS_TABLE, []);
  return [
    defineEndpoint({
      method: 'GET',
      path: '/nodes/:node/bios',
      summary: 'Lists the firmware settings of a node.',
      since: SINCE,
      callsDevice: true,
      query: {
        fields: { type: fieldList, description: 'Names of the fields to show, between commas.', since: REGISTRY_SINCE },
        detail: { type: truth, description: 'Show all fields.', since: REGISTRY_SINCE },
      },
      answer: { status: 200, description: 'The settings.', schema: listSchema(BIOS_TABLE) },
      async handle(call) {
        const presenter = presenters(call.version, readSelection(BIOS_TABLE, call.query, call.version, 'summary'));
        const { uuid } = await findNode(api, call);
        const settings = await api.nodes.biosSettings(uuid, call.requester);
        return ok({ bios: settings.map((setting) => presenter.present({ ...setting, nodeUuid: uuid }, viewOf(api, call))) });
      },
    }),
    defineEndpoint({
      method: 'GET',
      path: '/nodes/:node/bios/:setting',
      summary: 'Shows one firmware setting of a node.',
      since: SINCE,
      callsDevice: true,
      answer: { status: 200, description: 'The setting under its name.', schema: { type: 'object', additionalProperties: recordSchema(BIOS_TABLE) } },
      async handle(call) {
        const name = call.parameters['setting'] ?? '';
        const { uuid } = await findNode(api, call);
        const setting = (await api.nodes.biosSettings(uuid, call.requester)).find((each) => each.name === name);
        if (setting === undefined) throw faults.biosSettingNotFound(uuid, name);
        return ok({ [name]: presenters(call.version, 'whole record').present({ ...setting, nodeUuid: uuid }, viewOf(api, call)) });
      },
    }),
  ];
}
