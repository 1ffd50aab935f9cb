import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readPage, readReply } from '../../src/client/wsman/envelope/reply.js';
import { childOf, parseXml, readReference, type WsmanElement, wordOf } from '../../src/client/wsman/index.js';

const FIXTURES = new URL('../fixtures/', import.meta.url);
const FILES = ['recorded', 'edited', 'constructed'].flatMap((folder) =>
  readdirSync(new URL(folder, FIXTURES), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.xml'))
    .map((name) => `${folder}/${name}`),
);
const ANSWERS = FILES.filter((file) => !file.includes('fault') && !file.startsWith('constructed'));

const read = (file: string): string => readFileSync(new URL(file, FIXTURES), 'utf8');

/** Everything in a text that is written between tags, without a parser: the texts that a reader must find. */
function textsOf(text: string): readonly string[] {
  return [...text.matchAll(/>([^<]+)</g)].map(([, part = '']) => part.trim()).filter((part) => part !== '');
}

function textsIn(element: WsmanElement): readonly string[] {
  const own = element.text.trim();
  return own === '' ? element.children.flatMap(textsIn) : [own];
}

function allOf(element: WsmanElement): readonly WsmanElement[] {
  return [element, ...element.children.flatMap(allOf)];
}

/** What the file itself says that it answers. */
function questionOf(file: string): { readonly messageId: string; readonly action: string } {
  const header = childOf(parseXml(read(file)), 'Header');
  const action = wordOf(childOf(header, 'Action')) ?? '';
  return { messageId: wordOf(childOf(header, 'RelatesTo')) ?? '', action: action.replace(/Response$/, '') };
}

describe('every answer of the fixtures', () => {
  test('is there', () => {
    expect(FILES.length).toBeGreaterThanOrEqual(66);
  });

  test.each(FILES)('%s becomes a tree with every text in its place and every namespace resolved', (file) => {
    const text = read(file);
    const tree = parseXml(text);
    expect(tree).toMatchObject({ name: 'Envelope', namespace: 'http://www.w3.org/2003/05/soap-envelope' });
    expect(textsIn(tree)).toEqual(textsOf(text));
    expect(allOf(tree).filter(({ namespace }) => namespace === undefined)).toEqual([]);
    expect(allOf(tree).filter(({ name }) => name.includes(':'))).toEqual([]);
  });

  // Where they were edited, the header says nothing of what firmware sends.
  test.each(ANSWERS.filter((file) => file.startsWith('recorded')))('%s is read as an answer', (file) => {
    const reply = readReply(read(file), questionOf(file));
    expect(reply.kind).toBe('answer');
  });

  test.each(ANSWERS.filter((file) => file.startsWith('recorded')))('%s is refused as an answer to anything else', (file) => {
    const question = questionOf(file);
    expect(() => readReply(read(file), { ...question, messageId: `${question.messageId}0` })).toThrow('RelatesTo');
    expect(() => readReply(read(file), { ...question, action: `${question.action}x` })).toThrow('Action');
  });

  test('all lists have their instances, and all starts of lists their context', () => {
    const pages = ANSWERS.filter((file) => /(?:pull|enumerate)\.xml$/.test(file)).map((file) => {
      const body = childOf(parseXml(read(file)), 'Body')?.children[0];
      const { items, context } = readPage(body);
      return [file, body?.name, items.length > 0, context !== undefined] as const;
    });
    expect(pages.length).toBeGreaterThanOrEqual(20);
    for (const [file, name, hasItems, hasContext] of pages) {
      const isPull = file.endsWith('pull.xml');
      expect([file, name, hasItems, hasContext]).toEqual([file, isPull ? 'PullResponse' : 'EnumerateResponse', isPull, !isPull]);
    }
  });
});

test('the instances of a list, in their order', () => {
  const { items, context } = readPage(childOf(parseXml(read('recorded/amt/ethernetport/pull.xml')), 'Body')?.children[0]);
  expect(items.map((item) => [item.name, wordOf(childOf(item, 'InstanceID'))])).toEqual([
    ['AMT_EthernetPortSettings', 'Intel(r) AMT Ethernet Port Settings 0'],
    ['AMT_EthernetPortSettings', 'Intel(r) AMT Ethernet Port Settings 1'],
  ]);
  expect(context).toBeUndefined();
});

test('the references of an association', () => {
  const association = readPage(childOf(parseXml(read('recorded/cim/service/availabletoelement/pull.xml')), 'Body')?.children[0]).items[0];
  const [service, user] = ['ServiceProvided', 'UserOfService'].map((name) => childOf(association, name));
  if (service === undefined || user === undefined) throw new Error('The association has two ends');
  expect(readReference(service)).toEqual({
    resource: 'CIM_PowerManagementService',
    selectors: { CreationClassName: 'CIM_PowerManagementService', Name: 'Intel(r) AMT Power Management Service', SystemCreationClassName: 'CIM_ComputerSystem', SystemName: 'Intel(r) AMT' },
  });
  expect(readReference(user)).toEqual({ resource: 'CIM_ComputerSystem', selectors: { CreationClassName: 'CIM_ComputerSystem', Name: 'ManagedSystem' } });
  expect(readReference(parseXml('<a>text</a>'))).toBeUndefined();
});

describe('what is no answer', () => {
  const question = { messageId: '1', action: 'urn:a' };
  const soap = 'http://www.w3.org/2003/05/soap-envelope';
  const header = (fields: string): string => `<s:Envelope xmlns:s="${soap}" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing"><s:Header>${fields}</s:Header><s:Body/></s:Envelope>`;

  test.each([
    ['another document', '<html/>', 'no SOAP 1.2 envelope'],
    ['an envelope of SOAP 1.1', '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>', 'no SOAP 1.2 envelope'],
    ['an envelope without a header', `<s:Envelope xmlns:s="${soap}"/>`, 'RelatesTo is missing'],
    ['an answer without a number', header('<a:Action>urn:aResponse</a:Action>'), 'RelatesTo is missing'],
    ['an answer without an action', header('<a:RelatesTo>1</a:RelatesTo>'), 'Action is missing'],
    ['an answer whose number is of another namespace', header('<RelatesTo>1</RelatesTo><a:Action>urn:aResponse</a:Action>'), 'RelatesTo is missing'],
    ['the request itself', header('<a:RelatesTo>1</a:RelatesTo><a:Action>urn:a</a:Action>'), 'Action is "urn:a"'],
  ])('%s', (_name, text, words) => {
    expect(() => readReply(text, question)).toThrow(words);
  });

  test('an answer with spaces around its words is one', () => {
    expect(readReply(header('<a:RelatesTo> 1\n</a:RelatesTo><a:Action>\n\turn:aResponse </a:Action>'), question)).toEqual({ kind: 'answer', body: undefined });
  });
});
