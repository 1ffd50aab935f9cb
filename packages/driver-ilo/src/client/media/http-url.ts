import { invalidOptions, printValue } from '@ferric/core';

/** @throws INVALID_OPTIONS for an address that is not http or https, or has a user in it, whose password the controller would show */
export function checkHttpUrl(subject: string, url: unknown, field = 'url'): asserts url is URL {
  const fits = url instanceof URL && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  if (fits) return;
  const received = url instanceof URL ? `${url.protocol}//${url.host}${url.pathname}` : printValue(url);
  throw invalidOptions(subject, [{ field, problem: 'invalid', expected: 'an http or https URL without user and password', received }]);
}
