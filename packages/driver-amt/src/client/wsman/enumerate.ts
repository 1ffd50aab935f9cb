import { FerricError } from '@ferric/core';
import { type EnumerationPage, readPage } from './envelope/reply.js';
import type { WsmanOperation } from './envelope/request.js';
import type { WsmanElement } from './wsman.js';

/** Pulls for one list. One brings all instances, as a rule. */
const MOST_PULLS = 100;
/** Instances of one list; a device has some hundred of a class at most. */
const MOST_ITEMS = 10_000;

/** Asks the class that is enumerated. */
export type AskClass = (operation: WsmanOperation) => Promise<WsmanElement | undefined>;

/**
 * All instances of a class. The context is used at once, for a device keeps few of them, and given back when the list is not read to its end.
 * @param release tells the device that the context is not needed any more
 * @throws PROTOCOL_FAULT for a list without an end, and what `ask` throws
 */
export async function enumerateAll(ask: AskClass, release: (context: string, error: unknown) => Promise<void>): Promise<readonly WsmanElement[]> {
  let page = readPage(expectElement(await ask({ kind: 'Enumerate' }), 'EnumerateResponse'));
  const items = [...page.items];
  for (let pulls = 0; page.context !== undefined; pulls += 1) {
    const { context } = page;
    try {
      if (pulls === MOST_PULLS || items.length > MOST_ITEMS) throw endless(pulls, items.length);
      page = await pull(ask, context);
    } catch (error) {
      await release(context, error);
      throw error;
    }
    items.push(...page.items);
  }
  return items;
}

async function pull(ask: AskClass, context: string): Promise<EnumerationPage> {
  return readPage(expectElement(await ask({ kind: 'Pull', context }), 'PullResponse'));
}

/** @throws PROTOCOL_FAULT when the answer has no body, or another one than expected. */
export function expectElement(body: WsmanElement | undefined, name?: string): WsmanElement {
  if (body !== undefined && (name === undefined || body.name === name)) return body;
  throw new FerricError('PROTOCOL_FAULT', `The answer has ${body === undefined ? 'an empty body' : `<${body.name.slice(0, 80)}> in its body`}`, {
    details: { expected: name ?? 'an element', received: body?.name.slice(0, 80) ?? null },
  });
}

function endless(pulls: number, items: number): FerricError {
  return new FerricError('PROTOCOL_FAULT', `The list does not end: ${items} instances after ${pulls} requests`, {
    details: { pulls, items },
    hint: 'This firmware answers lists in a way that nobody expects: report it.',
  });
}
