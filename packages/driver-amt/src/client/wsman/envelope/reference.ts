import { classOf } from '../namespaces.js';
import { childOf, descendantOf, wordOf } from '../xml/elements.js';
import type { WsmanElement, WsmanReference } from '../wsman.js';

/**
 * The reference that an element holds: `<ManagedElement>`, `<ResourceCreated>`, the `Antecedent` of an association.
 * @returns undefined when the element is no endpoint reference of WS-Management. Source: DSP0226 1.2, section 5.4.2.
 */
export function readReference(element: WsmanElement): WsmanReference | undefined {
  const parameters = childOf(element, 'ReferenceParameters') ?? descendantOf(element, 'EndpointReference', 'ReferenceParameters');
  const uri = wordOf(childOf(parameters, 'ResourceURI'));
  if (uri === undefined) return undefined;
  const selectors = childOf(parameters, 'SelectorSet')?.children.filter(({ name }) => name === 'Selector') ?? [];
  return { resource: classOf(uri), selectors: Object.fromEntries(selectors.map(({ attributes, text }) => [attributes['Name'] ?? '', text])) };
}
