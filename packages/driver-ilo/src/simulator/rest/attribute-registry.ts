import type { JsonObject } from '@ferric/core';
import type { Machine } from '../machine/machine.js';

/** A text of the BIOS is no longer. */
const LONGEST_TEXT = 256;

/**
 * What each attribute of the BIOS can be, as the file says that the settings name as their registry.
 * Source: HPE iLO RESTful API, "BIOS attribute registry".
 * @param nameProperty under which the name of an attribute stands: `AttributeName`, of iLO 4 `Name`
 */
export function attributeEntries({ bios }: Machine, nameProperty: 'AttributeName' | 'Name'): JsonObject {
  const attributes = Object.entries(bios.defaults).map(([name, value], index): JsonObject => {
    const values = bios.valuesOf(name);
    return {
      [nameProperty]: name,
      DefaultValue: value,
      DisplayName: name,
      DisplayOrder: index + 1,
      GrayOut: false,
      Hidden: false,
      ReadOnly: false,
      ...(values === undefined
        ? typeof value === 'number'
          ? { Type: 'Integer', LowerBound: 0, UpperBound: 65_535, ScalarIncrement: 1 }
          : { Type: 'String', MinLength: 0, MaxLength: LONGEST_TEXT }
        : { Type: 'Enumeration', Value: values.map((each) => ({ ValueName: each, ValueDisplayName: each })) }),
    };
  });
  return { Attributes: attributes, Dependencies: [], Menus: [] };
}
