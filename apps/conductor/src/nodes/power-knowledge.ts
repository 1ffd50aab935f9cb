import type { JsonObject, NodePowerState, PowerOutcome, PowerReading } from '@ferric/core';
import type { NodeUpdate } from '../store/store.js';
import { DEVICE_MEMORY_KEY, type NodeDevice } from './node-device.js';
import type { StoredNode } from './stored-node.js';

/** A reading as Ironic's API shows it: it has no word for "unknown". */
export function toNodePowerState(reading: PowerReading): NodePowerState {
  return reading.state === 'unknown' ? null : reading.state;
}

/** What a reading changes in the node's record. */
export function readingChanges(reading: PowerReading): NodeUpdate {
  return {
    powerState: toNodePowerState(reading),
    powerKnowledge: { source: reading.source, detail: reading.detail ?? null, at: reading.at, failures: 0 },
  };
}

/** What drivers want remembered, as a change of the node's present record: one that was read under its lock or in this transaction. */
export function memoryChanges(present: StoredNode, device: NodeDevice): NodeUpdate {
  const memory = device.changedMemory(present);
  return memory === undefined ? {} : { driverInternalInfo: { ...present.driverInternalInfo, [DEVICE_MEMORY_KEY]: memory } };
}

/** A reading for the timeline. */
export function describeReading(reading: PowerReading): JsonObject {
  return {
    state: reading.state,
    source: reading.source,
    at: reading.at.toISOString(),
    ...(reading.detail === undefined ? {} : { detail: reading.detail }),
  };
}

/** An outcome for the timeline: what was done, what is known now, and the driver's own report. */
export function describeOutcome(outcome: PowerOutcome): JsonObject {
  return {
    status: outcome.status,
    reading: describeReading(outcome.reading),
    ...(outcome.detail === undefined ? {} : { detail: outcome.detail }),
    ...(outcome.report === undefined ? {} : { report: outcome.report }),
  };
}
