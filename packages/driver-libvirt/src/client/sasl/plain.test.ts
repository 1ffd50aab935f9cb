import { expect, test } from 'vitest';
import { account, bytes, context } from '../../../test/sasl-exchanges.js';
import { plain } from './plain.js';

const PASSWORD = 'a-password-to-be-found';

test('sends name and password, and nothing more (RFC 4616 §2)', () => {
  const exchange = plain.begin(account('tüm', PASSWORD), context('unused'));
  expect(Buffer.from(exchange.start() as Uint8Array).toString()).toBe(`\0tüm\0${PASSWORD}`);
  expect(exchange.complete(undefined)).toBeUndefined();
  expect(exchange.complete(new Uint8Array())).toBeUndefined();
});

test('refuses a connection on which the password could be seen', () => {
  expect(() => plain.begin(account('tim', PASSWORD), context('unused', { secure: false }))).toThrow(
    expect.objectContaining({ code: 'UNSUPPORTED', message: expect.not.stringContaining(PASSWORD) }),
  );
});

test('has no more to say', () => {
  const exchange = plain.begin(account('tim', PASSWORD), context('unused'));
  for (const run of [() => exchange.step(bytes('more')), () => exchange.step(undefined), () => exchange.complete(bytes('more'))]) {
    expect(run).toThrow(expect.objectContaining({ code: 'PROTOCOL_FAULT' }));
  }
});
