import type { CallOptions, Gate } from '@ferric/core';
import type { Wsman } from './client/wsman/wsman.js';

/** The same device, every exchange in the turn that the gate of its address gives: whoever else speaks to it waits in the same queue. */
export function throughGate(wsman: Wsman, gate: () => Gate): Wsman {
  const inTurn = <O extends CallOptions, T>(options: O | undefined, exchange: (options: O | { readonly signal: AbortSignal }) => Promise<T>): Promise<T> =>
    gate().run((signal) => exchange({ ...options, signal }), {
      signal: options?.signal,
      ...(options?.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    });
  return {
    get: (resource, options) => inTurn(options, (call) => wsman.get(resource, call)),
    enumerate: (resource, options) => inTurn(options, (call) => wsman.enumerate(resource, call)),
    put: (resource, instance, options) => inTurn(options, (call) => wsman.put(resource, instance, call)),
    create: (resource, instance, options) => inTurn(options, (call) => wsman.create(resource, instance, call)),
    delete: (resource, options) => inTurn(options, (call) => wsman.delete(resource, { ...options, ...call })),
    invoke: (resource, method, input, options) => inTurn(options, (call) => wsman.invoke(resource, method, input, call)),
    [Symbol.asyncDispose]: () => wsman[Symbol.asyncDispose](),
  };
}
