import type { Gate } from '@ferric/core';
import type { Wsman } from './client/wsman/wsman.js';
import { wrapWsman } from './wrap-wsman.js';

/** The same device, every exchange in the turn that the gate of its address gives: whoever else speaks to it waits in the same queue. */
export function throughGate(wsman: Wsman, gate: () => Gate): Wsman {
  return wrapWsman(
    (exchange, options) =>
      gate().run((signal) => exchange(wsman, { signal }), {
        signal: options?.signal,
        ...(options?.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
      }),
    () => wsman[Symbol.asyncDispose](),
  );
}
