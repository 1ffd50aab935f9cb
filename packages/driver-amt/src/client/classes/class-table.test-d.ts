import type { Secret } from '@ferric/core';
import { expectTypeOf, test } from 'vitest';
import type { WsmanReference } from '../wsman/wsman.js';
import { defineClass, type InstanceOf, listOf, required } from './class-table.js';
import { base64, boolean, datetime, integer, named, reference, secretText, text } from './value-readers.js';

const TABLE = defineClass('AMT_Thing', {
  Id: required(text),
  State: required(named({ 2: 'on', 8: 'off' })),
  Count: integer,
  Names: listOf(text),
  When: datetime,
  Who: reference,
  Bytes: base64,
  Enabled: boolean,
  Password: secretText,
});

test('an instance has the types of its table: required fields always, the others perhaps', () => {
  expectTypeOf<InstanceOf<typeof TABLE>>().branded.toEqualTypeOf<{
    readonly Id: string;
    readonly State: 'on' | 'off' | number;
    readonly Count?: number;
    readonly Names?: readonly string[];
    readonly When?: Date;
    readonly Who?: WsmanReference;
    readonly Bytes?: Uint8Array;
    readonly Enabled?: boolean;
    readonly Password?: Secret;
  }>();
  expectTypeOf<InstanceOf<typeof TABLE>>().not.toHaveProperty('Unknown');
});
