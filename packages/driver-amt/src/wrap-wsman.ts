import type { CallOptions } from '@ferric/core';
import type { Wsman } from './client/wsman/wsman.js';

/** One exchange with the device that it is given. @param call what is to be different from the options of its caller */
export type WsmanExchange<T> = (wsman: Wsman, call: Pick<CallOptions, 'signal'>) => Promise<T>;

/** Decides when, and with what, an exchange is made. @param options those of its caller */
export type RunExchange = <T>(exchange: WsmanExchange<T>, options: CallOptions | undefined) => Promise<T>;

/** A device of which every exchange is made by `run`. */
export function wrapWsman(run: RunExchange, dispose: () => PromiseLike<void>): Wsman {
  return {
    get: (resource, options) => run((wsman, call) => wsman.get(resource, { ...options, ...call }), options),
    enumerate: (resource, options) => run((wsman, call) => wsman.enumerate(resource, { ...options, ...call }), options),
    put: (resource, instance, options) => run((wsman, call) => wsman.put(resource, instance, { ...options, ...call }), options),
    create: (resource, instance, options) => run((wsman, call) => wsman.create(resource, instance, { ...options, ...call }), options),
    delete: (resource, options) => run((wsman, call) => wsman.delete(resource, { ...options, ...call }), options),
    invoke: (resource, method, input, options) => run((wsman, call) => wsman.invoke(resource, method, input, { ...options, ...call }), options),
    [Symbol.asyncDispose]: dispose,
  };
}
