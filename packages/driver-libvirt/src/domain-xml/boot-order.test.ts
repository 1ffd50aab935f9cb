import { errorCode, FerricError } from '@ferric/core';
import { describe, expect, test } from 'vitest';
import { canonicalXml, lineDifference } from '../../test/canonical-xml.js';
import { DOMAIN_FIXTURES, domainFixture } from '../../test/domain-fixtures.js';
import {
  bootsKernel,
  firstBootClass,
  formatBootOrder,
  parseBootOrder,
  readBootOrder,
  sameBootSequence,
  setBootOrder,
  withBootClassFirst,
  type BootClass,
  type BootOrder,
} from './boot-order.js';
import { parseXml } from './document.js';
import { applyEdits } from './edits.js';

const CLASSES: readonly BootClass[] = ['network', 'hd', 'cdrom', 'fd'];
const BOOT_ELEMENTS = /^\/domain\/(os|devices\/[a-z]+)\/boot$/;
const BOOT_LINE = /^<boot (dev|order)='[a-z0-9]+'\/>$/;

const orderOf = (xml: string): string => formatBootOrder(readBootOrder(parseXml(xml)));

/** The definition with this class first. */
function choose(xml: string, wanted: BootClass): string {
  const document = parseXml(xml);
  return applyEdits(document, setBootOrder(document, withBootClassFirst(document, readBootOrder(document), wanted)));
}

/** What happened instead of a value. */
function failureOf(call: () => unknown): FerricError {
  try {
    call();
  } catch (error) {
    expect.assert(FerricError.is(error));
    return error;
  }
  return expect.unreachable('it returned');
}

test('reads what comes first', () => {
  const first = Object.fromEntries(DOMAIN_FIXTURES.map(({ name, xml }) => [name.slice(0, 2), firstBootClass(parseXml(xml))]));
  expect(first).toMatchObject({
    '01': 'hd',
    '02': 'cdrom',
    '03': 'network',
    '07': 'network',
    '08': 'hd',
    '09': 'fd',
    '13': 'hd',
    '14': 'network',
    '19': 'network',
  });
  // A device of the host may be a card or a disk: nobody can tell.
  expect(first['11']).toBeUndefined();
  expect(bootsKernel(parseXml(domainFixture('06')))).toBe(true);
  expect(bootsKernel(parseXml(domainFixture('01')))).toBe(false);
});

test.each<readonly [fixture: string, wanted: BootClass, order: string]>([
  ['01', 'hd', 'class hd'],
  ['01', 'network', 'class network hd'],
  ['02', 'network', 'class network cdrom hd'],
  ['02', 'hd', 'class hd cdrom network'],
  ['09', 'hd', 'class hd fd cdrom'],
  ['07', 'network', 'device interface:52:54:00:0a:07:01=1 disk:vda=2 disk:hda=3'],
  ['07', 'hd', 'device disk:vda=1 interface:52:54:00:0a:07:01=2 disk:hda=3'],
  ['07', 'cdrom', 'device disk:hda=1 interface:52:54:00:0a:07:01=2 disk:vda=3'],
  // What comes first already keeps its numbers, gaps included.
  ['08', 'hd', 'device disk:sda=5 interface:52:54:00:0a:08:01=7 disk:sdb=9 interface:52:54:00:0a:08:02=12'],
  ['08', 'network', 'device interface:52:54:00:0a:08:01=1 interface:52:54:00:0a:08:02=2 disk:sda=3 disk:sdb=4'],
  // No interface had a place, so all of them get one; devices that cannot be told apart by class keep theirs.
  ['11', 'network', 'device interface:52:54:00:0a:0b:01=1 hostdev:0=2 hostdev:1=3 disk:vda=4 redirdev:0=5'],
])('fixture %s with %s first', (fixture, wanted, order) => {
  const result = choose(domainFixture(fixture), wanted);
  expect(orderOf(result)).toBe(order);
  // Once more changes nothing.
  expect(choose(result, wanted)).toBe(result);
});

describe.each(DOMAIN_FIXTURES)('$name', ({ xml }) => {
  test.each(CLASSES)('with %s first differs in nothing but boot elements', (wanted) => {
    let result: string;
    try {
      result = choose(xml, wanted);
    } catch (error) {
      expect(errorCode(error)).toBe('CONFLICT');
      expect(readBootOrder(parseXml(xml)).style).toBe('device');
      return;
    }
    const isBoot = (path: string): boolean => BOOT_ELEMENTS.test(path);
    expect(canonicalXml(result, isBoot)).toEqual(canonicalXml(xml, isBoot));
    const { removed, added } = lineDifference(xml, result);
    for (const line of [...removed, ...added]) expect(line).toMatch(BOOT_LINE);
    expect(firstBootClass(parseXml(result))).toBe(wanted);
  });

  test('comes back to what it was', () => {
    const before = readBootOrder(parseXml(xml));
    for (const wanted of CLASSES) {
      const kept = parseBootOrder(formatBootOrder(before));
      expect.assert(kept !== undefined);
      expect(formatBootOrder(kept)).toBe(formatBootOrder(before));
      let changed: string;
      try {
        changed = choose(xml, wanted);
      } catch {
        continue;
      }
      const document = parseXml(changed);
      expect(canonicalXml(applyEdits(document, setBootOrder(document, kept)))).toEqual(canonicalXml(xml));
    }
  });
});

test('without a device of the class, an order by devices cannot be changed', () => {
  const error = failureOf(() => choose(domainFixture('07'), 'fd'));
  expect(error).toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('floppy drive') as string,
    hint: expect.stringContaining('os/boot') as string,
  });
});

test('what an element of a place has besides its number stays', () => {
  const xml = domainFixture('07').replace("<boot order='2'/>", "<boot order='2' loadparm='PROMPT'/>");
  expect(lineDifference(xml, choose(xml, 'hd'))).toEqual({
    removed: ["<boot order='2' loadparm='PROMPT'/>", "<boot order='1'/>"],
    added: ["<boot order='1' loadparm='PROMPT'/>", "<boot order='2'/>"],
  });
});

test('an order is written as one line and read again; anything else is none', () => {
  const orders: readonly BootOrder[] = [
    { style: 'class', classes: [] },
    { style: 'class', classes: ['hd', 'network'] },
    {
      style: 'device',
      numbers: new Map([
        ['interface:52:54:00:00:00:01', 2],
        ['disk:vda', 1],
      ]),
    },
  ];
  expect(orders.map(formatBootOrder)).toEqual(['class', 'class hd network', 'device disk:vda=1 interface:52:54:00:00:00:01=2']);
  for (const order of orders)
    expect(parseBootOrder(formatBootOrder(order))).toEqual(
      order.style === 'class' ? order : { ...order, numbers: new Map([...order.numbers].toReversed()) },
    );
  expect(['', 'order hd', 'device disk:vda', 'device =1', 'device disk:vda=x'].map(parseBootOrder)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('two orders are the same when the devices that are there come in the same sequence', () => {
  const document = parseXml(domainFixture('07'));
  const order = (text: string): BootOrder => parseBootOrder(text) as BootOrder;
  const same = (a: string, b: string): boolean => sameBootSequence(document, order(a), order(b));
  expect(same('device disk:vda=1 disk:hda=2', 'device disk:vda=3 disk:gone=4 disk:hda=5')).toBe(true);
  expect(same('device disk:vda=1 disk:hda=2', 'device disk:hda=1 disk:vda=2')).toBe(false);
  expect(same('device disk:vda=1', 'device disk:vda=1 disk:hda=2')).toBe(false);
  expect(same('class hd', 'device')).toBe(false);
  expect(same('class hd network', 'class hd network')).toBe(true);
});
