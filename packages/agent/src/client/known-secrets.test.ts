import { Secret } from '@ferric/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createKnownSecrets, maskDocument } from './known-secrets.js';

const token = new Secret('the-token-of-this-boot');

test('the token and what was sent are masked as text, in JSON and in a URL', () => {
  const secrets = createKnownSecrets(token);
  secrets.remember({ step: { args: { drive: new Secret('a "quoted" drive'), list: [new Secret({ inner: 'deep/secret' })], open: 'open text' } } });
  expect(secrets.mask('the-token-of-this-boot a "quoted" drive a \\"quoted\\" drive a%20%22quoted%22%20drive deep/secret deep%2Fsecret open text')).toBe(
    '****** ****** ****** ****** ****** ****** open text',
  );
});

test('no secret survives, wherever it stands', () => {
  const character = fc.constantFrom(...'abcdefgh"\\/ +');
  const secret = fc.string({ unit: character, minLength: 4, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(secret, { minLength: 1, maxLength: 5 }), fc.string(), (values, between) => {
      const secrets = createKnownSecrets(token);
      secrets.remember(values.map((value) => new Secret(value)));
      const shown = secrets.mask(values.map((value) => `<${value}>`).join(between));
      return values.every((value) => value === '******' || !shown.includes(`<${value}>`));
    }),
  );
});

test('a secret that begins with another leaves no rest', () => {
  const secrets = createKnownSecrets(token);
  secrets.remember([new Secret('abcd'), new Secret('abcdefgh')]);
  expect(secrets.mask('abcdefgh')).toBe('******');
});

test('a text is cut only after its secrets are gone', () => {
  expect(createKnownSecrets(token).mask(`12345 ${token.reveal()} 67890`, 10)).toBe('12345 ****... (18 characters)');
});

test('the oldest secrets are forgotten, never the token', () => {
  const secrets = createKnownSecrets(token);
  secrets.remember(new Secret('the first one'));
  for (let index = 0; index < 100; index += 1) secrets.remember(new Secret(`secret${index}x`));
  expect(secrets.mask('the first one, secret0x, secret99x, the-token-of-this-boot')).toBe('the first one, secret0x, ******, ******');
});

test('a document of the agent is masked by its names', () => {
  expect(maskDocument({ image_info: { urls: ['http://a:b@c/d'], image_request_authorization: 'x', id: 1 }, configdrive: 'y', configdrive_url: null })).toEqual({
    image_info: { urls: ['http://a:******@c/d'], image_request_authorization: '******', id: 1 }, configdrive: '******', configdrive_url: null,
  });
});
