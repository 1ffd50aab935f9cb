/** One element of an answer. RIBCL and the discovery data use names of any case; here all names are in upper case. */
export interface RibclElement {
  readonly name: string;
  /** By name in upper case, entities resolved, blanks kept. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly RibclElement[];
  /** Its own text without blanks around it, without that of its children. */
  readonly text: string;
}

/** The children with one of these names, in order. */
export function childrenOf(element: RibclElement | undefined, ...names: readonly string[]): readonly RibclElement[] {
  return (element?.children ?? []).filter((child) => names.includes(child.name));
}

/** The element that is reached by going down these names; the first of several. */
export function elementAt(element: RibclElement | undefined, ...names: readonly string[]): RibclElement | undefined {
  return names.reduce<RibclElement | undefined>((at, name) => at?.children.find((child) => child.name === name), element);
}

/** An attribute without blanks around it; undefined when it or the element is not there. */
export function attributeOf(element: RibclElement | undefined, name: string): string | undefined {
  return element?.attributes.get(name)?.trim();
}

/** The attribute VALUE of the element that is reached by going down these names: how most facts are told. */
export function valueAt(element: RibclElement | undefined, ...names: readonly string[]): string | undefined {
  return attributeOf(elementAt(element, ...names), 'VALUE');
}

/** The text of the element that is reached by going down these names; undefined when there is none. */
export function textAt(element: RibclElement | undefined, ...names: readonly string[]): string | undefined {
  const text = elementAt(element, ...names)?.text;
  return text === '' ? undefined : text;
}

/** True for an attribute such as `ADMIN_PRIV="Y"`; the boolean words of RIBCL are yes, true, y, t and 1. */
export function isYes(value: string | undefined): boolean {
  return value !== undefined && /^(?:y|yes|t|true|1|on)$/i.test(value);
}
