import { describe, expect, test } from 'vitest';
import { THING, THING_TABLE } from '../../../test/support/sample-table.js';
import { presentersOf, viewPresenters } from './presenter.js';

const presenters = presentersOf(THING_TABLE, ['uuid']);
const view = { base: 'http://host', hostname: 'me', isSecretKey: () => () => false };
const LINKS = [
  { href: `http://host/v1/things/${THING.uuid}`, rel: 'self' },
  { href: `http://host/things/${THING.uuid}`, rel: 'bookmark' },
];

describe('presenters', () => {
  test('show a whole record in the order of the table', () => {
    const shown = presenters(82, 'whole record').present(THING, view);
    expect(Object.keys(shown)).toEqual(['uuid', 'made_at', 'label', 'state', 'data', 'hidden', 'flag', 'links', 'parts']);
    expect(shown).toMatchObject({ made_at: '2026-11-21T00:07:47.872000+00:00', flag: true, links: LINKS });
  });

  test('leave out what the version does not know', () => {
    expect(Object.keys(presenters(4, 'whole record').present(THING, view))).toEqual(['uuid', 'made_at', 'state', 'data', 'hidden', 'links']);
  });

  test('show older versions the value they know', () => {
    expect([1, 2, 82].map((version) => presenters(version, ['state']).present(THING, view)['state'])).toEqual([null, 'new', 'new']);
    expect([3, 4].map((version) => presenters(version, ['state']).present({ ...THING, state: 'odd' }, view)['state'])).toEqual(['even', 'odd']);
  });

  test('show a summary, or what was named in that order, with the links to the record itself', () => {
    expect(presenters(82, 'summary').present(THING, view)).toEqual({ uuid: THING.uuid, label: 'one', state: 'new', links: LINKS });
    expect(Object.keys(presenters(82, ['flag', 'uuid']).present(THING, view))).toEqual(['flag', 'uuid', 'links']);
  });

  test('tell which members of a record they read, so that lists load no others', () => {
    expect(presenters(82, ['flag']).columns).toEqual(['uuid', 'flag']);
  });

  test('are built once, and kept in bounds', () => {
    expect(presenters(82, ['flag'])).toBe(presenters(82, ['flag']));
    const first = presenters(82, ['uuid']);
    for (let version = 1; version <= 300; version += 1) presenters(version, ['state', 'uuid']);
    expect(presenters(82, ['uuid'])).not.toBe(first);
  });

  test('views have no links', () => {
    expect(viewPresenters(THING_TABLE, ['flag', 'state'])(82).present(THING, view)).toEqual({ flag: true, state: 'new' });
    expect(viewPresenters(THING_TABLE, ['flag', 'state'])(1).present(THING, view)).toEqual({ state: null });
  });
});
