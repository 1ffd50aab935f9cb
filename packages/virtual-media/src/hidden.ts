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
  if (!FerricError.is(error)) return error;
  const hide = (text: string): string => text.replaceAll(key, MASK);
  const said = JSON.stringify([error.message, error.details, error.hint ?? null]) + causes(error);
  if (!said.includes(key)) return error;
  return new FerricError(error.code, hide(error.message), {
    retryable: error.retryable,
    details: JSON.parse(hide(JSON.stringify(error.details))) as JsonObject,
    cause: new Error(hide(causes(error))),
    ...(error.hint === undefined ? {} : { hint: hide(error.hint) }),
  });
}

/** The messages of everything that led here. */
function causes(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? `${cause.message}${causes(cause)}` : '';
}
