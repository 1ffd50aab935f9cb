import { faults } from '../../fault.js';
import type { Chassis } from '../../resources/chassis.js';
import type { ApiDependencies } from '../dependencies.js';
import { requireUuid } from '../http/argument-types.js';
import { linkPair } from '../http/links.js';
import type { AnyEndpoint } from '../http/endpoint.js';
import { collectionEndpoints } from '../table/collection.js';
import { defineTable } from '../table/field.js';
import { fieldMakers, LINKS_SCHEMA } from '../table/field-makers.js';
import { createOnly, settable } from '../table/input-rules.js';
import { objectValue, textValue, uuidValue } from '../table/value-kinds.js';

const { text, time, document, links } = fieldMakers<Chassis>();

/** Source: recorded exchanges 054 and 055; Ironic, ironic/api/controllers/v1/chassis.py. */
export const CHASSIS_TABLE = defineTable<Chassis>({
  name: 'chassis',
  collection: 'chassis',
  summary: ['uuid', 'description'],
  fields: [
    text('uuid', 'uuid', 'UUID of the chassis.', { input: createOnly(uuidValue) }),
    time('created_at', 'createdAt', 'When it was created.'),
    time('updated_at', 'updatedAt', 'When it was last changed.'),
    text('description', 'description', 'Free text.', { input: settable(textValue(255)) }),
    document('extra', 'extra', 'Data of its users.', { input: settable(objectValue, {}) }),
    links('links', 'chassis', 'uuid', ''),
    {
      name: 'nodes',
      since: 1,
      description: 'Links to its nodes; a list in a list, as Ironic has it.',
      schema: { type: 'array', items: LINKS_SCHEMA },
      columns: ['uuid'],
      links: 'whole record',
      show: ({ uuid }, { base }) => [linkPair(base, `chassis/${uuid}/nodes`)],
    },
  ],
});

/** `/v1/chassis` and one chassis; its nodes are listed with the nodes. */
export function chassisEndpoints(api: ApiDependencies): readonly AnyEndpoint[] {
  return collectionEndpoints(api, {
    table: CHASSIS_TABLE,
    path: 'chassis',
    one: 'a chassis',
    many: 'chassis',
    detailPath: true,
    service: api.chassis,
    reader: api.store.chassis,
    toFilters: () => ({}),
    identify: (given) => requireUuid('chassis_uuid', given),
    notFound: faults.chassisNotFound,
  }).endpoints;
}
