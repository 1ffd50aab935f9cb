import type { JsonObject } from '@ferric/core';
import { attributeEntries } from '../rest/attribute-registry.js';
import type { Resource, RestContext } from '../rest/resource.js';
import { describeAll, directoryEntry, schemasOf } from '../rest/self-description.js';
import type { RestService } from '../rest/service.js';
import { collection, resource } from './build.js';
import { registryOf } from './bios.js';

const SCHEMAS = 'JsonSchemas';
const REGISTRIES = 'Registries';

/** A member of one of the two collections of files. */
function file(context: RestContext, path: string, type: 'JsonSchemaFile' | 'MessageRegistryFile', place: string, named: JsonObject): JsonObject {
  return resource(context, path, type, { Name: `${type} of ${path.split('/').at(-1) ?? ''}`, Languages: ['en'], Location: [{ Language: 'en', Uri: context.href(place) }], ...named });
}

/** What Redfish says of itself. Source: HPE iLO RESTful API, HpeiLOResourceDirectory, JsonSchemaFile, MessageRegistryFile. */
export function selfDescription(service: () => RestService): readonly Resource[] {
  const schemas = (context: RestContext): ReadonlyMap<string, JsonObject> => schemasOf(describeAll(service(), context), context.machine.bios.defaults);
  return [
    {
      path: 'ResourceDirectory',
      read: (context) =>
        resource(context, 'ResourceDirectory', 'HpeiLOResourceDirectory', {
          Name: 'Resource Directory',
          Instances: describeAll(service(), context).map((each) => directoryEntry(each, false)),
        }),
    },
    { path: SCHEMAS, read: (context) => collection(context, SCHEMAS, 'JsonSchemaFileCollection', [...schemas(context).keys()].map((name) => `${SCHEMAS}/${name}`)) },
    {
      path: `${SCHEMAS}/{}`,
      read(context, name) {
        const schema = schemas(context).get(name);
        return schema === undefined ? undefined : file(context, `${SCHEMAS}/${name}`, 'JsonSchemaFile', `SchemaStore/en/${name}.json`, { Schema: schema['title'] ?? '' });
      },
    },
    { path: 'SchemaStore/en/{}', read: (context, name) => schemas(context).get(name.replace(/\.json$/i, '')) },
    { path: REGISTRIES, read: (context) => collection(context, REGISTRIES, 'MessageRegistryFileCollection', [`${REGISTRIES}/${registryOf(context)}`]) },
    {
      path: `${REGISTRIES}/{}`,
      read(context, name) {
        const own = registryOf(context);
        if (name !== own) return undefined;
        return file(context, `${REGISTRIES}/${own}`, 'MessageRegistryFile', `registrystore/registries/en/${own.toLowerCase()}`, { Registry: own });
      },
    },
    {
      path: 'registrystore/registries/en/{}',
      read(context, name) {
        const own = registryOf(context);
        if (name.toLowerCase() !== own.toLowerCase()) return undefined;
        return {
          '@odata.type': '#AttributeRegistry.v1_0_0.AttributeRegistry',
          Id: own,
          Name: 'BIOS Attribute Registry',
          Language: 'en',
          OwningEntity: 'HPE',
          RegistryPrefix: own.split('.')[0] ?? own,
          RegistryVersion: own.split('.')[1] ?? '',
          RegistryEntries: attributeEntries(context.machine, 'AttributeName'),
        };
      },
    },
  ];
}
