import { describe, expect, test } from 'vitest';
import { THING_TABLE } from '../../../test/support/sample-table.js';
import { readSelection } from './selection.js';

describe('readSelection', () => {
  test.each([
    ['nothing', {}, 82, 'summary'],
    ['fields', { fields: ['flag', 'uuid'] }, 82, ['flag', 'uuid']],
    ['detail', { detail: true }, 43, 'whole record'],
    ['no detail', { detail: false }, 82, 'summary'],
    ['fields and no detail', { fields: ['uuid'], detail: false }, 82, ['uuid']],
  ])('%s', (_case, query, version, selection) => {
    expect(readSelection(THING_TABLE, query, version, 'summary')).toEqual(selection);
  });

  test.each([
    ['fields before 1.8', { fields: ['uuid'] }, 7, 406, 'Request not acceptable.'],
    ['a field of a later version', { fields: ['flag'] }, 19, 406, 'Request not acceptable.'],
    ['unknown fields', { fields: ['uuid', 'nope', 'no'] }, 82, 400, 'Unknown: nope, no'],
    ['a field that is not spoken yet', { fields: ['later'] }, 82, 400, 'Unknown: later'],
    ['links', { fields: ['parts'] }, 82, 400, 'Unknown: parts'],
    ['a name that objects inherit', { fields: ['constructor'] }, 82, 400, 'Unknown: constructor'],
    ['detail before 1.43', { detail: true }, 42, 400, 'Invalid query parameter ?detail=True received.'],
    ['detail together with fields', { fields: ['uuid'], detail: true }, 82, 400, 'Can not specify ?detail=True and fields in the same request.'],
  ])('refuses %s', (_case, query, version, status, message) => {
    expect(() => readSelection(THING_TABLE, query, version, 'summary')).toThrow(expect.objectContaining({ status, message }));
  });
});
