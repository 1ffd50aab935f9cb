import fc from 'fast-check';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../json.js';
import { isSecretKey, MASK, maskSealed, maskText, revealSealed, sealSecrets, type Sealed } from './masking.js';
import { Secret } from './secret.js';

/** The keys that Ironic masks (api-ref and ironic/api/controllers/v1/utils.py, by way of oslo.utils strutils). */
const SECRET_KEYS = [
  'adminpass', 'admin_pass', 'password', 'admin_password', 'auth_token', 'new_pass', 'auth_password', 'secret_uuid', 'secret', 'sys_pswd',
  'token', 'configdrive', 'chappassword', 'encrypted_key', 'private_key', 'fernetkey', 'sslkey', 'passphrase', 'snmp_auth_key', 'snmp_priv_key', 'ilo_license_key',
];
const HARMLESS_KEYS = ['amt_address', 'ipmi_username', 'kernel', 'pass_through', 'key', 'image_source', 'amt_protocol', 'deploy_forces_oob_reboot'];
const PLANTED = 'S3CR3T-planted-value';

describe('secret keys', () => {
  test.each(SECRET_KEYS)('%s is one, alone, inside a longer name and in any case', (key) => {
    expect([key, `amt_${key}`, `${key}_2`, key.toUpperCase(), `My${key}Field`].filter((each) => !isSecretKey(each))).toEqual([]);
  });

  test.each(HARMLESS_KEYS)('%s is none', (key) => {
    expect(isSecretKey(key)).toBe(false);
  });
});

describe('masking a document', () => {
  const document = {
    amt_address: '192.0.2.1',
    amt_password: PLANTED,
    nested: { list: [{ snmp_auth_key: PLANTED }, ['x', { token: PLANTED }]], harmless: 5 },
    auth_token: { a: PLANTED, b: [PLANTED, 1, true], c: null, d: '' },
    secret_number: 4711,
    secret_flag: true,
    password: null,
    token: '',
    note: `the password=${PLANTED} is set`,
    url: `https://root:${PLANTED}@192.0.2.1/redfish`,
  };
  const masked = {
    amt_address: '192.0.2.1',
    amt_password: MASK,
    nested: { list: [{ snmp_auth_key: MASK }, ['x', { token: MASK }]], harmless: 5 },
    auth_token: { a: MASK, b: [MASK, MASK, MASK], c: null, d: '' },
    secret_number: MASK,
    secret_flag: MASK,
    password: null,
    token: '',
    note: `the password=${MASK} is set`,
    url: `https://root:${MASK}@192.0.2.1/redfish`,
  };

  test('shows everything but the secrets, at any depth and in lists', () => {
    expect(maskSealed(sealSecrets(document))).toEqual(masked);
  });

  test('hides secrets also in a document that nobody sealed', () => {
    expect(maskSealed(document)).toEqual(masked);
  });

  test('is idempotent', () => {
    expect(maskSealed(sealSecrets(masked))).toEqual(masked);
    expect(maskSealed(masked)).toEqual(masked);
  });

  test('a sealed document reveals what was put in, and sealing it again changes nothing', () => {
    const sealed = sealSecrets(document);
    expect(revealSealed(sealed)).toEqual(document);
    expect(revealSealed(sealSecrets(sealed as JsonValue))).toEqual(document);
  });

  test('printing a sealed document shows no secret', () => {
    expect(inspect(sealSecrets(document), { depth: null, showHidden: true }) + JSON.stringify(sealSecrets(document))).not.toContain(PLANTED);
  });

  test('a driver may name more secrets, and they are hidden wherever they were sealed', () => {
    const isSecret = (key: string): boolean => key === 'wol_secureon_hex' || isSecretKey(key);
    const sealed = sealSecrets({ wol_secureon_hex: PLANTED }, isSecret);
    expect(maskSealed(sealed, isSecret)).toEqual({ wol_secureon_hex: MASK });
    expect(maskSealed(sealed)).toEqual({ wol_secureon_hex: MASK });
  });

  test('a Secret under a harmless key is hidden whole, unless it is a text with harmless parts', () => {
    const sealed: Sealed = { plain: new Secret(PLANTED), list: new Secret([PLANTED]), text: new Secret(`password=${PLANTED} of root`) };
    expect(maskSealed(sealed)).toEqual({ plain: MASK, list: MASK, text: `password=${MASK} of root` });
  });

  test('the key __proto__ is a key like any other', () => {
    const tricky = JSON.parse(`{"__proto__": {"password": "${PLANTED}"}}`) as JsonValue;
    expect(JSON.stringify(maskSealed(sealSecrets(tricky)))).toBe(`{"__proto__":{"password":"${MASK}"}}`);
    expect(JSON.stringify(revealSealed(sealSecrets(tricky)))).toBe(JSON.stringify(tricky));
  });
});

describe('masking a text', () => {
  test.each([
    [`password=${PLANTED}`, `password=${MASK}`],
    [`ipmi_password = ${PLANTED} next`, `ipmi_password = ${MASK} next`],
    [`password='two words ${PLANTED}' -v`, `password='${MASK}' -v`],
    [`"admin_password": "${PLANTED}", "port": 1`, `"admin_password": "${MASK}", "port": 1`],
    [`{"password":"with \\"quotes\\" ${PLANTED}"}`, `{"password":"${MASK}"}`],
    [`password="never closed ${PLANTED}`, `password="${MASK}`],
    [`{"error":"{\\"password\\":\\"${PLANTED}\\",\\"port\\":1}"}`, `{"error":"{\\"password\\":\\"${MASK}\\",\\"port\\":1}"}`],
    [`new_pass: ${PLANTED}`, `new_pass: ${MASK}`],
    [`sslkey=${PLANTED}`, `sslkey=${MASK}`],
    [`X-Auth-Token: ${PLANTED}`, `X-Auth-Token: ${MASK}`],
    [`token=a;${PLANTED},b&c<d>`, `token=${MASK}`],
    [`ipmitool --password ${PLANTED} power on`, `ipmitool --password ${MASK} power on`],
    [`--amt-password "${PLANTED} x" on`, `--amt-password "${MASK}" on`],
    [`<adminPass>${PLANTED}</adminPass>`, `<adminPass>${MASK}</adminPass>`],
    [`<p:Password x="1">${PLANTED}</p:Password>`, `<p:Password x="1">${MASK}</p:Password>`],
    [`https://root:${PLANTED}@host/path`, `https://root:${MASK}@host/path`],
    [`https://root:at@sign${PLANTED}@host/path`, `https://root:${MASK}@host/path`],
    [`Authorization: Basic ${PLANTED}`, `Authorization: Basic ${MASK}`],
    [`{"authorization":"Bearer ${PLANTED}"}`, `{"authorization":"Bearer ${MASK}"}`],
  ])('%s', (text, expected) => {
    expect(maskText(text)).toBe(expected);
    expect(maskText(expected)).toBe(expected);
  });

  test.each(['power on', 'the password is wrong', 'https://192.0.2.1:623/path', 'see http://user@host/', 'a=b c=d', '52:54:00:cf:2d:31', ''])(
    'leaves %j alone',
    (text) => {
      expect(maskText(text)).toBe(text);
    },
  );

  // Each of these takes minutes when a pattern looks back or ahead without a limit.
  test.each<[string, string]>([
    ['one long word', 'a'],
    ['many keywords', 'password'],
    ['many openings', '<password'],
    ['many dashes', '-'],
    ['many flags', '--password'],
    ['many schemes', 'a://'],
    ['many quotes', 'password="\\'],
    ['many blanks', 'password        '],
    ['many authorizations', 'authorization: basic '],
  ])('takes a time in proportion to the length of the text: %s', (_name, unit) => {
    const text = unit.repeat(300_000 / unit.length);
    const started = performance.now();
    maskText(text);
    // Some milliseconds; what grows with the square of the length takes minutes.
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('properties', () => {
  const key = fc.oneof(fc.constantFrom(...HARMLESS_KEYS), fc.string(), fc.constant('__proto__'));
  const harmless: fc.Arbitrary<JsonValue> = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>;

  /** A document with the marker under a secret key, wrapped into some depth of lists and objects, with harmless data beside it. */
  const planted = fc
    .record({
      secretKey: fc.constantFrom(...SECRET_KEYS).chain((name) => fc.tuple(fc.string({ maxLength: 4 }), fc.string({ maxLength: 4 })).map(([a, b]) => a + name + b)),
      shape: fc.constantFrom<(value: string) => JsonValue>((v) => v, (v) => [v], (v) => ({ inner: v }), (v) => [{ inner: [v] }]),
      around: fc.array(fc.tuple(key, harmless, fc.boolean()), { maxLength: 5 }),
    })
    .map(({ secretKey, shape, around }) =>
      around.reduce<JsonValue>(
        (document, [name, sibling, asList]) => (asList ? [sibling, document] : Object.fromEntries([['sibling', sibling], [name, document]])),
        Object.fromEntries([[secretKey, shape(PLANTED)]]),
      ),
    );

  test('what stands under a secret key is never shown, at any depth', () => {
    fc.assert(
      fc.property(planted, (document) => {
        const sealed = sealSecrets(document);
        const shown = JSON.stringify(maskSealed(sealed)) + JSON.stringify(maskSealed(document)) + JSON.stringify(sealed) + inspect(sealed, { depth: null });
        expect(shown).not.toContain(PLANTED);
        expect(shown).toContain(MASK);
      }),
      { numRuns: 300 },
    );
  });

  test('sealing loses nothing', () => {
    fc.assert(
      fc.property(fc.oneof(planted, harmless), (document) => {
        expect(revealSealed(sealSecrets(document))).toEqual(document);
      }),
      { numRuns: 300 },
    );
  });

  test('masking twice is masking once', () => {
    fc.assert(
      fc.property(fc.oneof(planted, harmless), (document) => {
        const once = maskSealed(sealSecrets(document));
        expect(maskSealed(sealSecrets(once))).toEqual(once);
        expect(maskSealed(once)).toEqual(once);
      }),
      { numRuns: 300 },
    );
  });

  test('a secret in a text is never shown, whatever stands around it', () => {
    const before = fc.string({ unit: fc.constantFrom('a', ' ', '"', '<', '{', '=', '-', ':', '/', 'é', '\n') });
    fc.assert(
      fc.property(before, fc.constantFrom(...SECRET_KEYS), fc.constantFrom('=', ': ', '="', "='", '": "', '\\":\\"'), (lead, name, glue) => {
        expect(maskText(`${lead}${name}${glue}${PLANTED}`)).not.toContain(PLANTED);
      }),
      { numRuns: 300 },
    );
  });
});
