import { INTERFACES, type InterfaceName, type JsonValue } from '@ferric/core';
import type { DriverFacts } from '../../nodes/node-service.js';
import { linkPair } from '../http/links.js';
import { defineTable, type Field, type View } from '../table/field.js';
import { LINKS_SCHEMA } from '../table/field-makers.js';

/** First minor version that tells a driver's type and interfaces, and those of interfaces that came later. */
const DYNAMIC_SINCE = 30;
const INTERFACE_SINCE: Readonly<Partial<Record<InterfaceName, number>>> = { storage: 33, rescue: 38, bios: 40, firmware: 86 };

const TEXTS = { type: 'array', items: { type: 'string' } } as const;

const interfaceFields = (name: InterfaceName): readonly Field<DriverFacts>[] => [
  {
    name: `default_${name}_interface`,
    since: INTERFACE_SINCE[name] ?? DYNAMIC_SINCE,
    description: `What a node gets that names no ${name} interface.`,
    schema: { type: ['string', 'null'] },
    columns: ['defaultInterfaces'],
    show: (driver) => driver.defaultInterfaces[name],
  },
  {
    name: `enabled_${name}_interfaces`,
    since: INTERFACE_SINCE[name] ?? DYNAMIC_SINCE,
    description: `Implementations of the ${name} interface that can be chosen.`,
    schema: TEXTS,
    columns: ['enabledInterfaces'],
    show: (driver) => driver.enabledInterfaces[name],
  },
];

const linksTo = (driver: DriverFacts, view: View, below: string): JsonValue => linkPair(view.base, `drivers/${encodeURIComponent(driver.name)}${below}`);

/** Source: recorded exchanges 008-010; versions from Ironic, ironic/api/controllers/v1/driver.py. */
export const DRIVER_TABLE = defineTable<DriverFacts>({
  name: 'driver',
  collection: 'drivers',
  summary: ['name', 'hosts', 'properties', 'type'],
  fieldsSince: 77,
  detailSince: DYNAMIC_SINCE,
  fields: [
    { name: 'name', since: 1, description: 'Name of the hardware type.', schema: { type: 'string' }, columns: ['name'], show: ({ name }) => name },
    { name: 'hosts', since: 1, description: 'Conductors that have it.', schema: TEXTS, columns: ['hosts'], show: ({ hosts }) => hosts },
    {
      name: 'links',
      since: 1,
      description: 'Links to the driver.',
      schema: LINKS_SCHEMA,
      columns: ['name'],
      links: 'always',
      show: (driver, view) => linksTo(driver, view, ''),
    },
    {
      name: 'properties',
      since: 14,
      description: 'Links to what its driver_info may hold.',
      schema: LINKS_SCHEMA,
      columns: ['name'],
      show: (driver, view) => linksTo(driver, view, '/properties'),
    },
    { name: 'type', since: DYNAMIC_SINCE, description: 'Always dynamic.', schema: { const: 'dynamic' }, columns: [], show: () => 'dynamic' },
    ...INTERFACES.flatMap(interfaceFields),
  ],
});
