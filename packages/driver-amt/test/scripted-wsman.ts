import { abortReason, type CallOptions, FerricError } from '@ferric/core';
import type { Wsman, WsmanCallOptions, WsmanElement, WsmanFields } from '../src/client/wsman/wsman.js';
import { parseXml } from '../src/client/wsman/xml/parse-xml.js';

/** One call as the device got it. */
export interface ScriptedCall {
  /** `get CIM_Chassis`, `invoke AMT_MessageLog.GetRecords`. */
  readonly call: string;
  readonly input?: WsmanFields | undefined;
  readonly selectors?: Readonly<Record<string, string>> | undefined;
}

type Content = WsmanElement | readonly WsmanElement[] | undefined;

/** What a call is answered with; an error is thrown. */
export type ScriptedAnswer = Content | Error | ((call: ScriptedCall) => Content | Error | Promise<Content | Error>);

/** A device that answers by a table. What the table does not have is answered like a class that does not exist. */
export interface ScriptedWsman {
  readonly wsman: Wsman;
  readonly calls: readonly ScriptedCall[];
  readonly disposals: number;
}

export function scriptedWsman(answers: Readonly<Record<string, ScriptedAnswer>>): ScriptedWsman {
  const calls: ScriptedCall[] = [];
  let disposals = 0;
  const answer = async (call: ScriptedCall, options: CallOptions | undefined): Promise<Content> => {
    if (options?.signal?.aborted === true) throw abortReason(options.signal);
    calls.push(call);
    const scripted = Object.hasOwn(answers, call.call) ? answers[call.call] : new FerricError('NOT_FOUND', 'No such class');
    const content = typeof scripted === 'function' ? await scripted(call) : scripted;
    if (content instanceof Error) throw content;
    return content;
  };
  const one = async (call: ScriptedCall, options: CallOptions | undefined): Promise<WsmanElement> => (await answer(call, options)) as WsmanElement;
  const selectors = (options: WsmanCallOptions | undefined): Pick<ScriptedCall, 'selectors'> => (options?.selectors === undefined ? {} : { selectors: options.selectors });
  return {
    calls,
    get disposals() {
      return disposals;
    },
    wsman: {
      get: (resource, options) => one({ call: `get ${resource}`, ...selectors(options) }, options),
      enumerate: async (resource, options) => (await answer({ call: `enumerate ${resource}` }, options)) as readonly WsmanElement[],
      put: (resource, input, options) => one({ call: `put ${resource}`, input, ...selectors(options) }, options),
      create: () => Promise.reject(new Error('Nothing is created by these calls')),
      async delete(resource, options) {
        await answer({ call: `delete ${resource}`, ...selectors(options) }, options);
      },
      invoke: (resource, method, input, options) =>
        one({ call: `invoke ${resource}.${method}`, ...(input === undefined ? {} : { input }), ...selectors(options) }, options),
      async [Symbol.asyncDispose]() {
        disposals += 1;
      },
    },
  };
}

/** An element from its text, without namespaces. */
export const xml: (text: string) => WsmanElement = parseXml;

/** The output of a method. */
export function output(method: string, returnValue: number, content = ''): WsmanElement {
  return parseXml(`<${method}_OUTPUT>${content}<ReturnValue>${returnValue}</ReturnValue></${method}_OUTPUT>`);
}
