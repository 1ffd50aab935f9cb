import type { WsmanElement } from '../wsman.js';

/** The first child of that name, in that namespace when one is given. */
export function childOf(element: WsmanElement | undefined, name: string, namespace?: string): WsmanElement | undefined {
  return element?.children.find((child) => child.name === name && (namespace === undefined || child.namespace === namespace));
}

/** The element at the end of a path of names. */
export function descendantOf(element: WsmanElement | undefined, ...path: readonly string[]): WsmanElement | undefined {
  return path.reduce<WsmanElement | undefined>((current, name) => childOf(current, name), element);
}

/** The text of an element that is a word: without the spaces around it. Undefined when there is none. */
export function wordOf(element: WsmanElement | undefined): string | undefined {
  const word = element?.text.trim();
  return word === '' ? undefined : word;
}
