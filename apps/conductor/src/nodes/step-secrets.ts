import { isSecretKey, Secret, sealSecrets, type JsonValue, type Sealed } from '@ferric/core';

/**
 * Steps, or arguments of a step, with their secrets sealed: by key as everywhere, and the value of a pair `{name, value}` whose name says
 * that it is a secret, which is how firmware settings are given.
 */
export function sealSteps(steps: JsonValue): Sealed {
  return sealPairs(sealSecrets(steps));
}

function sealPairs(value: Sealed): Sealed {
  if (Secret.is(value) || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Sealed) => sealPairs(item));
  const members = value as Readonly<Record<string, Sealed>>;
  const { name, value: paired } = members;
  const isSecret = typeof name === 'string' && isSecretKey(name) && paired !== undefined && paired !== null && !Secret.is(paired);
  return Object.fromEntries(
    Object.entries(members).map(([key, item]) => [key, isSecret && key === 'value' ? new Secret(item as JsonValue) : sealPairs(item)]),
  );
}
