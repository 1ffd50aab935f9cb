/** Code as bytes, labels, and the places that refer to labels. */
export type CodeItem =
  | readonly number[]
  | { readonly label: string }
  /** The distance to a label from behind this byte. */
  | { readonly near: string }
  /** The same in two bytes. */
  | { readonly far: string }
  /** The address of a label in two bytes. */
  | { readonly address: string }
  | { readonly text: string };

/** Puts code together for the address at which it will stand. Fails for a label that is missing or too far away. */
export function assemble(items: readonly CodeItem[], origin: number): Uint8Array {
  const labels = new Map<string, number>();
  let at = origin;
  for (const item of items) {
    if ('label' in item) labels.set(item.label, at);
    at += sizeOf(item);
  }
  const addressOf = (label: string): number => {
    const address = labels.get(label);
    if (address === undefined) throw new Error(`The code has no label ${label}`);
    return address;
  };
  const bytes: number[] = [];
  for (const item of items) {
    const next = origin + bytes.length + sizeOf(item);
    bytes.push(...encode(item, next, addressOf));
  }
  return Uint8Array.from(bytes);
}

/** Little-endian, as the processor reads it. */
export function word(value: number): readonly [number, number] {
  return [value & 0xff, (value >> 8) & 0xff];
}

function sizeOf(item: CodeItem): number {
  if ('label' in item) return 0;
  if ('near' in item) return 1;
  if ('far' in item || 'address' in item) return 2;
  return 'text' in item ? item.text.length : item.length;
}

function encode(item: CodeItem, next: number, addressOf: (label: string) => number): readonly number[] {
  if ('label' in item) return [];
  if ('far' in item) return word(addressOf(item.far) - next);
  if ('address' in item) return word(addressOf(item.address));
  if ('text' in item) return [...Buffer.from(item.text, 'latin1')];
  if (!('near' in item)) return item;
  const distance = addressOf(item.near) - next;
  if (distance < -128 || distance > 127) throw new Error(`The label ${item.near} is ${distance} bytes away; a near jump reaches 127`);
  return [distance & 0xff];
}
