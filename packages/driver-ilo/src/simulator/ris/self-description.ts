import type { JsonObject } from '@ferric/core';
import { attributeEntries } from '../rest/attribute-registry.js';
import type { Resource, RestContext } from '../rest/resource.js';
import { describeAll, directoryEntry, schemasOf } from '../rest/self-description.js';
import type { RestService } from '../rest/service.js';
import { registryOf } from './bios.js';
import { collectionOf, resource } from './build.js';
import { hasBios } from './systems.js';

/** A member of one of the two collections of files. */
const file = (context: RestContext, path: string, schema: string, place: string): JsonObject =>
  resource(context, path, 'SchemaFile.1.0.0', {
    Id: path.split('/').at(-1) ?? path,
    Name: schema,
    Languages: ['en'],
    Location: [{ Language: 'en', Uri: { extref: context.href(place) } }],
    Schema: schema,
  });

/** What an iLO 4 says of itself, in both of its interfaces. Source: HPE iLO 4 RESTful API, HpiLOResourceDirectory, SchemaFile. */
export function selfDescription(service: () => RestService): readonly Resource[] {
  const schemas = (context: RestContext): ReadonlyMap<string, JsonObject> => schemasOf(describeAll(service(), context), context.machine.bios.defaults);
  return [
    {
      path: 'ResourceDirectory',
      read: (context) =>
        resource(context, 'ResourceDirectory', 'HpiLOResourceDirectory.1.0.0', {
          Name: 'Resource Directory',
          Instances: describeAll(service(), context).map((each) => directoryEntry(each, true)),
        }),
    },
    ...collectionOf('Schemas', 'SchemaFile.1', (context) =>
      [...schemas(context)].map(([name, schema]) => file(context, `Schemas/${name}`, String(schema['oldtitle'] ?? schema['title']), `SchemaStore/en/${name}.json`)),
    ),
    { path: 'SchemaStore/en/{}', read: (context, name) => schemas(context).get(name.replace(/\.json$/i, '')) },
    ...collectionOf('Registries', 'SchemaFile.1', (context) => {
      const own = registryOf(context);
      return hasBios(context) ? [file(context, `Registries/${own}`, own, `registrystore/registries/en/${own}`)] : [];
    }),
    {
      path: 'registrystore/registries/en/{}',
      exists: hasBios,
      read(context, name) {
        const own = registryOf(context);
        if (name.toLowerCase() !== own.toLowerCase()) return undefined;
        return {
          Type: 'HpBiosAttributeRegistrySchema.1.2.0',
          Name: 'BIOS Attribute Registry',
          Language: 'en',
          OwningEntity: 'HP',
          RegistryPrefix: own.split('.')[0] ?? own,
          RegistryVersion: own.split('.').slice(1).join('.'),
          RegistryEntries: attributeEntries(context.machine, 'Name'),
        };
      },
    },
  ];
}
