import type { DeviceMemory, JsonObject, JsonValue } from '@ferric/core';
import type { SelMarker } from '@ferric/ipmi-raw-buffer';

const KEY = 'event_log_read';

/** Up to which entry the event log of a machine was read. */
export interface EventLogMemory {
  /** Null: it was empty. Undefined: it was not read. */
  get(): SelMarker | null | undefined;
  keep(marker: SelMarker | null): void;
  forget(): void;
}

/**
 * Keeps the marker in the memory of the machine: a conductor opens a device for each call, so that the one that clears is not the one that
 * has read.
 * @param bmc address and bridge of the controller whose log it is: a node may be given another one
 */
export function createEventLogMemory(memory: DeviceMemory, bmc: string): EventLogMemory {
  return {
    get() {
      const kept = memory.get(KEY);
      return isObject(kept) && kept['bmc'] === bmc ? toMarker(kept['last']) : undefined;
    },
    keep: (marker) => memory.set(KEY, { bmc, last: marker === null ? null : { record_id: marker.recordId, entry: marker.entry } }),
    forget: () => memory.delete(KEY),
  };
}

/** What is kept may be of another version, or written by hand. */
function toMarker(last: JsonValue | undefined): SelMarker | null | undefined {
  if (last === null) return null;
  if (!isObject(last)) return undefined;
  const { record_id: recordId, entry } = last;
  if (typeof recordId !== 'number' || !Number.isInteger(recordId) || recordId < 0 || recordId > 0xffff || typeof entry !== 'string') return undefined;
  return { recordId, entry };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
