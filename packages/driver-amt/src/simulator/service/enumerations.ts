import { Buffer } from 'node:buffer';
import type { Instance } from '../classes/amt-class.js';
import { SoapFault } from '../soap/soap-fault.js';

/** An enumeration that was begun. */
interface Enumeration {
  readonly resource: string;
  readonly instances: readonly Instance[];
  next: number;
}

export interface Page {
  readonly items: readonly Instance[];
  /** Undefined: there is no more. */
  readonly context: string | undefined;
}

/** Enumerations that were begun and not pulled to their end. Firmware keeps few of them: a new one may cost the oldest. */
export interface Enumerations {
  begin(resource: string, instances: readonly Instance[]): string;
  /** @throws SoapFault when there is no such enumeration of that class */
  pull(context: string, resource: string, most: number): Page;
  /** @throws SoapFault as {@link Enumerations.pull} */
  release(context: string, resource: string): void;
}

/** @param capacity how many it keeps */
export function createEnumerations(capacity: () => number): Enumerations {
  const begun = new Map<string, Enumeration>();
  let counter = 0;

  const find = (context: string, resource: string): Enumeration => {
    const found = begun.get(context);
    if (found?.resource !== resource) throw new SoapFault('InvalidEnumerationContext');
    return found;
  };

  return {
    begin(resource, instances) {
      counter = (counter % 0xff_ff_ff) + 1;
      const context = contextOf(counter);
      begun.set(context, { resource, instances, next: 0 });
      while (begun.size > capacity()) {
        const [oldest = context] = begun.keys();
        begun.delete(oldest);
      }
      return context;
    },
    pull(context, resource, most) {
      const found = find(context, resource);
      const items = found.instances.slice(found.next, found.next + most);
      found.next += items.length;
      const isOver = found.next >= found.instances.length;
      if (isOver) begun.delete(context);
      return { items, context: isOver ? undefined : context };
    },
    release(context, resource) {
      find(context, resource);
      begun.delete(context);
    },
  };
}

/** As recorded: a counter in little-endian order, its leading zero left out: `DD070000-…`, `7700000-…`. */
function contextOf(counter: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(counter);
  return `${bytes.readUInt32BE().toString(16).toUpperCase()}-0000-0000-0000-000000000000`;
}
