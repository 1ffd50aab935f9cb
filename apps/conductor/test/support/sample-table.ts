import { defineTable } from '../../src/api/table/field.js';
import { fieldMakers } from '../../src/api/table/field-makers.js';
import { objectValue, textValue, truthValue, uuidValue } from '../../src/api/table/value-kinds.js';

/** A resource for tests of what tables do. */
export interface Thing {
  readonly uuid: string;
  readonly label: string | null;
  readonly state: string;
  readonly data: { readonly [key: string]: never };
  readonly hidden: { readonly [key: string]: never };
  readonly flag: boolean;
  readonly madeAt: Date;
}

const { text, truth, time, document, links } = fieldMakers<Thing>();

export const THING_TABLE = defineTable<Thing>({
  name: 'thing',
  collection: 'things',
  summary: ['label', 'uuid', 'state'],
  unknownFields: (names) => `Unknown: ${names.join(', ')}`,
  fields: [
    text('uuid', 'uuid', 'Its UUID.', { input: { kind: uuidValue, empty: null, create: true, patch: false } }),
    time('made_at', 'madeAt', 'When.'),
    text('label', 'label', 'Its label.', { since: 5, input: { kind: textValue(10), empty: null, create: true, patch: true, required: true } }),
    text('state', 'state', 'Its state.', { older: [{ before: 2, value: 'new', shownAs: null }, { before: 4, value: 'odd', shownAs: 'even' }] }),
    document('data', 'data', 'Free data.', { input: { kind: objectValue, empty: {}, create: true, patch: true } }),
    document('hidden', 'hidden', 'Secret data.', { since: 3, input: { kind: objectValue, empty: {}, create: true, patch: true, sealed: true } }),
    truth('flag', 'flag', 'A flag.', { since: 20, input: { kind: truthValue, empty: false, create: true, patch: true, removableSince: 25 } }),
    links('links', 'things', 'uuid', ''),
    links('parts', 'things', 'uuid', 'parts', { since: 14 }),
    text('later', 'label', 'A field of a version that is not spoken yet.', { since: 900 }),
  ],
});

export const THING: Thing = {
  uuid: '11111111-1111-1111-1111-111111111111',
  label: 'one',
  state: 'new',
  data: {},
  hidden: {},
  flag: true,
  madeAt: new Date('2026-11-21T00:07:47.872Z'),
};
