import { inspect } from 'node:util';
import { FerricError, MASK, type JsonObject, type Secret } from '@ferric/core';

/**
 * Runs work whose errors may name an address with this key in it. Whoever reads the error must not be able to open the address.
 * @throws what the work throws, with `******` for the key.
 */
export async function hidingKey<T>(key: Secret, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw withoutKey(error, key.reveal());
  }
}

function withoutKey(error: unknown, key: string): unknown {
  const hide = (text: string): string => text.replaceAll(key, MASK);
  if (typeof error === 'string') return hide(error);
  if (!(error instanceof Error) || !everythingOf(error).includes(key)) return error;
  const cause = error.cause === undefined ? {} : { cause: new Error(hide(causes(error))) };
  // Of errors of others nothing but the words is kept: those of the file system have the path in fields of their own.
  if (!FerricError.is(error)) return Object.assign(new Error(hide(error.message), cause), { name: error.name });
  return new FerricError(error.code, hide(error.message), {
    retryable: error.retryable,
    details: JSON.parse(hide(JSON.stringify(error.details))) as JsonObject,
    ...cause,
    ...(error.hint === undefined ? {} : { hint: hide(error.hint) }),
  });
}

/** All that a log would show of an error. */
function everythingOf(error: Error): string {
  const own = FerricError.is(error) ? JSON.stringify([error.details, error.hint ?? null]) : '';
  return `${error.message}${causes(error)}${own}${inspect(error, { depth: 9, maxStringLength: null, maxArrayLength: null })}`;
}

/** The messages of everything that led here. */
function causes({ cause }: Error): string {
  if (cause instanceof Error) return `${cause.message}${causes(cause)}`;
  return typeof cause === 'string' ? cause : '';
}
