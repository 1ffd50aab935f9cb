import { inspect } from 'node:util';
import { errorCode, FerricError } from '@ferric/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBody, splitDocuments } from '../../src/client/ribcl/wire/decode-body.js';
import { childrenOf, elementAt, type RibclElement, textAt, valueAt } from '../../src/client/ribcl/wire/element.js';
import { encodeElement, type RequestElement } from '../../src/client/ribcl/wire/encode-request.js';
import { maskMarkup } from '../../src/client/ribcl/wire/mask-markup.js';
import { parseDocument } from '../../src/client/ribcl/wire/parse-document.js';
import { parseReply } from '../../src/client/ribcl/wire/parse-reply.js';
import { repairMarkup } from '../../src/client/ribcl/wire/repair-markup.js';
import { gen8, rawBody } from './support/fixtures.js';

const errorOf = (work: () => unknown): FerricError => {
  try {
    work();
  } catch (error) {
    if (FerricError.is(error)) return error;
    throw error;
  }
  return expect.fail('there was no error');
};
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'no error';
  } catch (error) {
    return FerricError.is(error) ? error.code : `untyped ${String(error)}`;
  }
};

describe('decodeBody', () => {
  test('takes control bytes out, keeps blanks and line breaks, and shows other bytes as unreadable', () => {
    expect(decodeBody(Buffer.from('a\u0001b\u0000\t\r\n c\u007f\u00e9', 'latin1'))).toBe('ab\t\r\n c\ufffd');
  });

  test('reads a view into a larger buffer', () => {
    expect(decodeBody(new Uint8Array(Buffer.from('xxabcxx')).subarray(2, 5))).toBe('abc');
  });
});

describe('splitDocuments', () => {
  test('cuts at each declaration, takes blanks away, and leaves out what stands before the first', () => {
    expect(splitDocuments('\r\n<?xml version="1.0"?>\r\n<A/>\n\n<?xml?><B/> ')).toEqual(['<?xml version="1.0"?>\r\n<A/>', '<?xml?><B/>']);
    expect(splitDocuments('')).toEqual([]);
  });

  test('finds every document of recorded answers', () => {
    expect(splitDocuments(gen8('get_product_name'))).toHaveLength(7);
    expect(splitDocuments(rawBody('get_host_data'))).toHaveLength(7);
    expect(splitDocuments(rawBody('get_all_licenses'))).toHaveLength(8);
  });
});

describe('repairMarkup', () => {
  test.each([
    ['blanks around the equals sign, and either quotation mark', `<a B = 'x'  c= "y"/>`, '<A B="x" C="y"/>'],
    ['no blank between attributes', '<A B="1"C="2"></A>', '<A B="1" C="2"></A>'],
    ['line breaks in values', '<A B="one\n   two"/>', '<A B="one\n   two"/>'],
    ['a quotation mark in a value', '<A DESCRIPTION="the "big" one"/>', '<A DESCRIPTION="the &quot;big&quot; one"/>'],
    ['quotation marks at both ends of a value', '<A V=""x"" U="y" />', '<A V="&quot;x&quot;" U="y"/>'],
    ['an apostrophe in a value', `<A M='can't' />`, `<A M="can't"/>`],
    ['ampersands and brackets in values', '<A V="a&b&amp;c<d>e"/>', '<A V="a&amp;b&amp;c&lt;d&gt;e"/>'],
    ['characters by number', '<A V="&#65;&#x42;&#38;lt;&#1;&#xD800;&#9999999;"/>', '<A V="AB&amp;lt;\ufffd\ufffd\ufffd"/>'],
    ['brackets in text', '<A>1 < 2 > 0 & more</A>', '<A>1 &lt; 2 &gt; 0 &amp; more</A>'],
    ['an attribute that comes twice', '<A V="1" v="2"/>', '<A V="1"/>'],
    ['declarations and comments', '<?xml version="1.0"?><A><!-- <b> -->x</A>', '<A>x</A>'],
    ['CDATA', '<A><![CDATA[<b>&amp;]]></A>', '<A>&lt;b&gt;&amp;amp;</A>'],
    ['text outside of the root', 'junk<A/>junk', '<A/>'],
    ['a root that was closed before its content', '<RIBCL VERSION="2.22"/><RESPONSE STATUS="0x0000"/></RIBCL>', '<RIBCL VERSION="2.22"><RESPONSE STATUS="0x0000"/></RIBCL>'],
    ['the same without an end', '<RIBCL VERSION="2.22"/>\n<INFORM>x</INFORM>', '<RIBCL VERSION="2.22">\n<INFORM>x</INFORM></RIBCL>'],
    ['a root without content', '<RIBCL VERSION="2.22"/>', '<RIBCL VERSION="2.22"/>'],
  ])('%s', (_what, text, expected) => {
    expect(repairMarkup(text)).toBe(expected);
  });

  test.each([
    ['nothing', ''],
    ['only text', 'hello'],
    ['an element without an end', '<A><B></A>'],
    ['an end without an element', '</A>'],
    ['two elements at the top', '<A/><B/>'],
    ['an end tag too many', '<A></A></A>'],
    ['a value without an end', '<A B="x'],
    ['a tag without an end', '<A B="x"'],
    ['an attribute without a value', '<A B/>'],
    ['a comment without an end', '<A><!-- '],
    ['a document type', '<!DOCTYPE A [<!ENTITY x "y">]><A>&x;</A>'],
    ['41 elements in one another', '<A>'.repeat(41) + '</A>'.repeat(41)],
    ['257 attributes', `<A ${Array.from({ length: 257 }, (_, index) => `B${index}="x"`).join(' ')}/>`],
    ['more than 20000 brackets that begin no element', `<A>${'<'.repeat(20_001)}</A>`],
    ['more than 20000 elements', `<A>${'<B/>'.repeat(20_000)}</A>`],
    ['a value of more than 262144 characters', `<A B="${'x'.repeat(262_146)}"/>`],
  ])('refuses %s', (_what, text) => {
    expect(codeOf(() => repairMarkup(text))).toBe('PROTOCOL_FAULT');
  });

  test('takes 40 elements in one another, 256 attributes, and a value of 262144 characters', () => {
    const attributes = Array.from({ length: 256 }, (_, index) => `B${index}="x"`).join(' ');
    for (const text of ['<A>'.repeat(40) + '</A>'.repeat(40), `<A ${attributes}/>`, `<A B="${'x'.repeat(262_144)}"/>`]) expect(repairMarkup(text)).toBe(text);
  });

  const hostile: readonly (readonly [string, string])[] = [
    ['blanks before an equals sign', `<A ${' '.repeat(4e6)}x`],
    ['quotation marks', `<A B="${'" '.repeat(2e6)}`],
    ['brackets', '<'.repeat(1e6)],
    ['ampersands', `<A>${'&'.repeat(1e6)}</A>`],
    ['a long name', `<${'A'.repeat(4e6)}/>`],
    ['equals signs', `<A ${'= '.repeat(1e6)}`],
    ['names', `<A ${'ab '.repeat(1e6)}>`],
    ['quoted names', `<A B="${'"ab '.repeat(1e6)}>`],
    ['many elements', `<A>${'<B V="1"/>'.repeat(19_999)}</A>`],
    ['CDATA', `<A>${'<![CDATA['.repeat(4e5)}`],
  ];
  test.each(hostile)('is done in time with megabytes of %s', (_what, text) => {
    const startedAt = performance.now();
    expect(['no error', 'PROTOCOL_FAULT']).toContain(codeOf(() => parseDocument(text)));
    // A slow machine needs a second; anything that grows with the square of the length would need hours.
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  }, 30_000);
});

describe('parseDocument', () => {
  test('gives names in upper case, attributes with their blanks, and text without', () => {
    const root = parseDocument('<?xml version="1.0"?><Rimp><Hsi a=" 1 "> ProLiant <iLO Value = " x "/> G7 </Hsi></Rimp>');
    const hsi = elementAt(root, 'HSI');
    expect(hsi?.attributes).toEqual(new Map([['A', ' 1 ']]));
    expect(textAt(root, 'HSI')).toBe('ProLiant  G7');
    expect(valueAt(hsi, 'ILO')).toBe('x');
    expect(childrenOf(root, 'HSI', 'MP').map((child) => child.name)).toEqual(['HSI']);
    expect([valueAt(root, 'NONE'), textAt(root, 'HSI', 'ILO'), elementAt(undefined, 'X')]).toEqual([undefined, undefined, undefined]);
  });

  test('names that are special in JavaScript are names', () => {
    const root = parseDocument('<A><__proto__ constructor="1" __proto__="2"/><constructor/><hasOwnProperty>x</hasOwnProperty></A>');
    expect(root.children.map((child) => child.name)).toEqual(['__PROTO__', 'CONSTRUCTOR', 'HASOWNPROPERTY']);
    expect(root.children[0]?.attributes).toEqual(new Map([['CONSTRUCTOR', '1'], ['__PROTO__', '2']]));
  });

  test('whatever stands in a value or a text comes back', () => {
    const value = fc.string({ unit: 'grapheme-ascii', maxLength: 40 });
    fc.assert(
      fc.property(value, value, (attribute, text) => {
        const request: RequestElement = { name: 'A', attributes: { V: attribute }, children: [{ name: 'B', attributes: { T: text } }] };
        const root = parseDocument(encodeElement(request, () => ''));
        expect(root.attributes.get('V')).toBe(attribute);
        expect(elementAt(root, 'B')?.attributes.get('T')).toBe(text);
      }),
    );
  });
});

describe('any text', () => {
  const pieces = ['<?xml version="1.0"?>', '<RIBCL VERSION="2.23">', '<RIBCL/>', '</RIBCL>', '<RESPONSE STATUS="0x0000" MESSAGE=\'No error\'/>', '<RESPONSE', 'STATUS=', '"0x005F"', '<A B="', '"', "'", '=', '/>', '>', '<', '&', '&#', ']]>', '<![CDATA[', '<!--', '-->', '<!D', '\u0001', ' ', 'x'];
  const text = fc.oneof(fc.string({ maxLength: 200 }), fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join('')));

  test('is read or refused with PROTOCOL_FAULT, never with anything else', () => {
    fc.assert(fc.property(text, (input) => {
      expect(['no error', 'PROTOCOL_FAULT']).toContain(codeOf(() => parseReply(input)));
      expect(['no error', 'PROTOCOL_FAULT']).toContain(codeOf(() => parseDocument(input)));
    }), { numRuns: 2000 });
  });

  test('a quotation mark is written alike, wherever it stood', () => {
    expect(repairMarkup('<A>"<![CDATA["]]></A>')).toBe('<A>&quot;&quot;</A>');
  });

  test('what was repaired once is left as it is', () => {
    fc.assert(fc.property(text, (input) => {
      let once: string;
      try {
        once = repairMarkup(input);
      } catch (error) {
        expect(errorCode(error)).toBe('PROTOCOL_FAULT');
        return;
      }
      expect(repairMarkup(once)).toBe(once);
    }), { numRuns: 2000 });
  });

  test('a recorded answer that ends at any offset is read or refused with PROTOCOL_FAULT', () => {
    const whole = rawBody('get_vm_status');
    for (let length = 0; length < whole.length; length += 1) expect(['no error', 'PROTOCOL_FAULT']).toContain(codeOf(() => parseReply(whole.slice(0, length))));
  });

  test('a recorded answer with any byte changed is read or refused with PROTOCOL_FAULT', () => {
    const whole = rawBody('get_user');
    fc.assert(fc.property(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const bytes = Buffer.from(whole, 'latin1');
      bytes[at] = byte;
      expect(['no error', 'PROTOCOL_FAULT']).toContain(codeOf(() => parseReply(decodeBody(bytes))));
    }), { numRuns: 1000 });
  });
});

describe('maskMarkup', () => {
  test.each([
    ['PASSWORD="x\'y<z>"', 'PASSWORD="******"'],
    ["password = 'x'", "password = '******'"],
    ['<ACTIVATE KEY="ABCDE-12345" />', '<ACTIVATE KEY="******" />'],
    ['<LICENSE_KEY VALUE= "ABCDE-12345"/>', '<LICENSE_KEY VALUE= "******"/>'],
    ["<PASSWORD\r\n VALUE='abc'", "<PASSWORD\r\n VALUE='******'"],
    ['<LICENSE_KEY VALUE="ABCDE-', '<LICENSE_KEY VALUE="******'],
    ['<KEY><![CDATA[ABCDE]]></KEY>', '<KEY><![CDATA[******]]></KEY>'],
    ['<LNAME>iLO</LNAME><KEY>ABCDE</KEY>', '<LNAME>iLO</LNAME><KEY>******</KEY>'],
    ['<RESPONSE STATUS="0x002E" MESSAGE="License key error"/>', '<RESPONSE STATUS="0x002E" MESSAGE="License key error"/>'],
  ])('%s', (text, expected) => {
    expect(maskMarkup(text)).toBe(expected);
  });

  test.each([
    '<LICENSE_KEY VALUE="ABCDE-11111',
    '<LICENSE_KEY VALUE="ABCDE-11111"<LICENSE_CLASS VALUE="FQL"/>',
    "<LICENSE_KEY VALUE='ABCDE-11111",
    '<LOGIN PASSWORD="ABCDE-11111',
    '<LOGIN PASSWORD="ABCDE-11111"<A',
    '<KEY>ABCDE-11111<!DOCTYPE',
    '<KEY>ABCDE-11111<![CDATA[',
    '<LICENSE_KEY VALUE="ABCDE-11111" <!-- ',
    '<KEY><![CDATA[ABCDE-11111',
  ])('no error shows the secret in a broken answer: %s', (text) => {
    const error = errorOf(() => parseReply(`<?xml version="1.0"?><RIBCL VERSION="2.22"><A>${text}`));
    expect(error.code).toBe('PROTOCOL_FAULT');
    expect(inspect(error, { depth: 9 }) + JSON.stringify(error)).not.toContain('11111');
  });

  test('an error still shows what could not be read', () => {
    expect(errorOf(() => parseReply('<?xml version="1.0"?><RIBCL><A KEY="11111" B="2" C=3>')).details['received']).toContain('C=3');
  });

  test('is done in time with megabytes', () => {
    const startedAt = performance.now();
    for (const text of ['A'.repeat(4e6), 'KEY ='.repeat(8e5), '<KEY'.repeat(1e6), `KEY${' '.repeat(4e6)}`]) maskMarkup(text);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  }, 30_000);
});

test('the element names of a deep tree stay in order', () => {
  const names = (element: RibclElement): readonly string[] => [element.name, ...element.children.flatMap(names)];
  expect(names(parseDocument('<A><B><C/></B><B/><D>x<E/>y</D></A>'))).toEqual(['A', 'B', 'C', 'B', 'D', 'E']);
});
