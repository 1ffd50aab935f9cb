import type { JsonObject } from '../json.js';

/**
 * Describes and checks one object, such as a node's driver_info or the arguments of a vendor method.
 * A small interface of our own, so that the contract depends on no schema library.
 */
export interface ObjectSchema<T> {
  /**
   * Checks and completes (defaults) the input. Keys it does not know are left out: a node's driver_info also
   * holds the fields of other interfaces. Any value may come as a Secret, also one that the schema does not call secret: a text
   * in which a secret was found.
   * @throws INVALID_OPTIONS with every issue at once.
   */
  parse(input: unknown): T;
  /** JSON Schema (2020-12) of the accepted input. Secret fields carry `"secret": true`. */
  readonly jsonSchema: JsonObject;
}

/** The schema of a driver's part of driver_info. */
export interface DriverInfoSchema<Info> extends ObjectSchema<Info> {
  /** Names of the fields that hold secrets; their parsed values are {@link Secret}. */
  readonly secretFields: readonly string[];
}

/** One field as `GET /v1/drivers/{name}/properties` describes it: "Port of the controller; default is 9100. Optional." */
export function describeProperties(schema: ObjectSchema<unknown>): Record<string, string> {
  const properties = (schema.jsonSchema['properties'] ?? {}) as Record<string, JsonObject>;
  const required = new Set((schema.jsonSchema['required'] ?? []) as readonly string[]);
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [name, describeProperty(property, required.has(name))]),
  );
}

function describeProperty(property: JsonObject, required: boolean): string {
  const description = String(property['description'] ?? '').replace(/\.$/, '');
  const preset = property['default'] === undefined ? '' : `; default is ${JSON.stringify(property['default'])}`;
  const values = Array.isArray(property['enum']) ? [`One of ${property['enum'].map((value) => JSON.stringify(value)).join(', ')}.`] : [];
  const text = description === '' ? [] : [`${description}${preset}.`];
  return [...text, ...values, required ? 'Required.' : 'Optional.'].join(' ');
}
