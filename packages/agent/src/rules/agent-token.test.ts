import { Secret } from '@ferric/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAgentToken, tokensMatch } from './agent-token.js';

test('a new token is 43 characters that a URL takes as they are, and another one each time', () => {
  const tokens = Array.from({ length: 200 }, () => createAgentToken().reveal());
  expect(tokens.filter((token) => !/^[A-Za-z0-9_-]{43}$/.test(token))).toEqual([]);
  expect(new Set(tokens).size).toBe(200);
});

test('tokens match exactly when they are the same text', () => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => tokensMatch(new Secret(a), new Secret(b)) === (a === b)));
  fc.assert(fc.property(fc.string(), (a) => tokensMatch(new Secret(a), new Secret(a))));
});

test('what is missing matches nothing', () => {
  const token = createAgentToken();
  expect([tokensMatch(undefined, token), tokensMatch(token, undefined), tokensMatch(undefined, undefined)]).toEqual([false, false, false]);
});
