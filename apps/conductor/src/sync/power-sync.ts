import { delay, errorCode, FerricError, POWER_SYNC_EXCLUDED_STATES, STATE_AFTER_TARGET, type AnyDriver, type PowerReading } from '@ferric/core';
import { describeFailure } from '../failure-text.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import { openNodeDevice, type NodeDevice } from '../nodes/node-device.js';
import { describeReading, memoryChanges, readingChanges, toNodePowerState } from '../nodes/power-knowledge.js';
import type { StoredNode } from '../nodes/stored-node.js';
import { promiseWork } from '../nodes/transitions.js';
import { NODE_ROWS } from '../store/node-rows.js';
import type { NodeFilters, NodeUpdate } from '../store/store.js';
import { createRefusedLogins } from './refused-logins.js';

export interface PowerSyncSettings {
  /** Controllers that are asked at the same time. */
  readonly workers: number;
  /** Longest time for one reading. Milliseconds. */
  readonly readTimeoutMs: number;
  /** Failures in a row after which a node goes into maintenance with fault `power failure`. */
  readonly maxFailures: number;
  /** Set a machine back to the state that was last requested, as Ironic does by default. */
  readonly force: boolean;
}

/** Reads the power of all nodes and writes down what differs. Never wakes a machine. */
export interface PowerSync {
  /** One pass over the nodes that are in use. */
  run(signal: AbortSignal): Promise<PowerSyncReport>;
  /** Looks at nodes that were given up; the first good reading takes them back. One that was refused its credentials rests until it is changed, or for an hour. */
  recover(signal: AbortSignal): Promise<PowerSyncReport>;
  /** When the power of a node was last confirmed, also when nothing had changed. */
  lastConfirmed(nodeUuid: string): Date | undefined;
}

export interface PowerSyncReport {
  readonly nodes: number;
  readonly changed: number;
  readonly failed: number;
}

/** Whole records that are read at once: the event loop has its turn in between. */
const PAGE = 100;
/** The same for names only. */
const UUID_PAGE = 1000;

export function createPowerSync(context: ConductorContext, settings: PowerSyncSettings): PowerSync {
  const confirmed = new Map<string, Date>();
  const refusedLogins = createRefusedLogins(context.clock);

  const pass = async (filters: NodeFilters, eligible: (node: StoredNode) => boolean, signal: AbortSignal): Promise<PowerSyncReport> => {
    const report = { nodes: 0, changed: 0, failed: 0 };
    await inParallel(settings.workers, readingGroups(context, filters, eligible), signal, async (group) => {
      for (const reading of await readGroup(context, group, settings, signal)) {
        report.nodes += 1;
        refusedLogins.note(reading.node, reading.result);
        if (reading.result.status === 'rejected') report.failed += 1;
        else confirmed.set(reading.node.uuid, reading.result.value.at);
        if (await writeResult(context, reading, settings)) report.changed += 1;
      }
    });
    return report;
  };

  const forgetDeleted = async (): Promise<void> => {
    const present = new Set<string>();
    for await (const nodes of pages(context, {}, ['uuid'], UUID_PAGE)) for (const { uuid } of nodes) present.add(uuid);
    for (const uuid of confirmed.keys()) if (!present.has(uuid)) confirmed.delete(uuid);
    refusedLogins.keepOnly(present);
  };

  return {
    async run(signal) {
      const report = await pass({ maintenance: false, reserved: false }, inUse, signal);
      await forgetDeleted();
      return report;
    },
    recover: (signal) => pass({ fault: 'power failure', reserved: false }, refusedLogins.mayAsk, signal),
    lastConfirmed: (nodeUuid) => confirmed.get(nodeUuid),
  };
}

function inUse(node: StoredNode): boolean {
  return node.targetPowerState === null && !POWER_SYNC_EXCLUDED_STATES.has(node.provisionState);
}

async function* pages<Field extends keyof StoredNode>(
  context: ConductorContext,
  filters: NodeFilters,
  fields: readonly Field[],
  limit: number,
): AsyncGenerator<readonly Pick<StoredNode, Field | 'uuid'>[]> {
  const asked = [...new Set<Field | 'uuid'>([...fields, 'uuid'])];
  let marker: string | undefined;
  for (;;) {
    const nodes = (await context.store.nodes.list(filters, { sortKey: 'id', sortDirection: 'asc', limit, ...(marker === undefined ? {} : { marker }) }, asked)) ?? [];
    if (nodes.length > 0) yield nodes;
    if (nodes.length < limit) return;
    marker = nodes.at(-1)?.uuid;
  }
}

/** What is to be read, one page of nodes after the other as workers ask for more: a page is not held up by dead controllers of the one before. */
async function* readingGroups(context: ConductorContext, filters: NodeFilters, eligible: (node: StoredNode) => boolean): AsyncGenerator<ReadingGroup> {
  for await (const nodes of pages(context, filters, NODE_ROWS.fields, PAGE)) yield* groupForReading(context, nodes.filter(eligible));
}

/** Nodes of a driver with a bulk call go together; every other node is read by itself. */
interface ReadingGroup {
  readonly driver: AnyDriver | undefined;
  readonly nodes: readonly StoredNode[];
}

function groupForReading(context: ConductorContext, nodes: readonly StoredNode[]): readonly ReadingGroup[] {
  const bulk = Map.groupBy(nodes, (node) => {
    const driver = context.registry.driver(node.interfaces.power);
    return driver?.readMany === undefined ? undefined : driver;
  });
  return [...bulk].flatMap(([driver, members]): readonly ReadingGroup[] =>
    driver === undefined ? members.map((node) => ({ driver: undefined, nodes: [node] })) : [{ driver, nodes: members }],
  );
}

/** What reading one node gave: the reading, and what its driver wants remembered. */
interface NodeReading {
  readonly node: StoredNode;
  readonly result: PromiseSettledResult<PowerReading>;
  /** As a change of the node's present record. */
  remembered(present: StoredNode): NodeUpdate;
}

async function readGroup(context: ConductorContext, group: ReadingGroup, settings: PowerSyncSettings, signal: AbortSignal): Promise<readonly NodeReading[]> {
  const options = { signal, timeoutMs: settings.readTimeoutMs };
  const opened = await Promise.allSettled(group.nodes.map((node) => open(context, node)));
  const devices = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  try {
    const readMany = group.driver?.readMany?.bind(group.driver);
    const readings: readonly PromiseSettledResult<PowerReading>[] =
      readMany === undefined
        ? await Promise.allSettled(devices.map((device) => device.power.read(options)))
        : await readMany(devices.map(({ powerDevice }) => powerDevice), options);
    let next = 0;
    return group.nodes.map((node, index): NodeReading => {
      const device = opened[index];
      if (device === undefined || device.status === 'rejected') return { node, result: device ?? LEFT_OUT, remembered: () => ({}) };
      return { node, result: readings[next++] ?? LEFT_OUT, remembered: (present) => memoryChanges(present, device.value) };
    });
  } finally {
    await Promise.all(devices.map((device) => device[Symbol.asyncDispose]()));
  }
}

const LEFT_OUT: PromiseRejectedResult = { status: 'rejected', reason: new FerricError('INTERNAL', 'The driver left this device out of its answer') };

async function open(context: ConductorContext, node: StoredNode): Promise<NodeDevice> {
  return openNodeDevice(context.devices, node, await context.store.ports.all({ nodeUuid: node.uuid }));
}

/** Writes what a reading changes, if anything; true when something did. */
async function writeResult(context: ConductorContext, { node, result, remembered }: NodeReading, settings: PowerSyncSettings): Promise<boolean> {
  const remembers = Object.keys(remembered(node)).length > 0;
  if (!remembers && (result.status === 'fulfilled' ? isKnown(node, result.value) : node.fault === 'power failure')) return false;
  const work = await context.store.write(async (transaction) => {
    const current = await transaction.nodes.getForUpdate(node.uuid);
    // Whoever holds the node, or changed it since it was read, knows better.
    if (current === undefined || current.reservation !== null || current.targetPowerState !== null || !isUnchanged(node, current)) return undefined;
    const memory = remembered(current);
    if (result.status === 'rejected') {
      const { changes, message, severity } = failureChanges(current, result.reason, settings);
      await transaction.nodes.update(node.uuid, { ...memory, ...changes });
      await transaction.events.append({
        nodeUuid: node.uuid, type: 'power-failed', severity, message, details: { code: errorCode(result.reason) }, actor: context.hostname,
      });
      return undefined;
    }
    const reading = result.value;
    if (settings.force && isForceable(current, reading)) {
      const target = current.powerState as 'power on' | 'power off';
      const promise = promiseWork('power', { target, timeoutMs: context.settings.powerChangeTimeoutMs }, context.clock.now(), context.hostname, context.hostname);
      await transaction.nodes.update(node.uuid, { ...memory, ...promise.changes, targetPowerState: STATE_AFTER_TARGET[target] });
      return promise.work;
    }
    const recovered = current.fault === 'power failure';
    await transaction.nodes.update(node.uuid, {
      ...memory,
      ...readingChanges(reading),
      ...(recovered ? { maintenance: false, maintenanceReason: null, fault: null, lastError: null } : {}),
    });
    if (isKnown(node, reading)) return undefined;
    await transaction.events.append({
      nodeUuid: node.uuid,
      type: 'power-observed',
      severity: 'INFO',
      message: recovered ? `The controller answers again: ${reading.state}` : `Found ${reading.state}, was ${current.powerState ?? 'not known'}`,
      details: { before: current.powerState, ...describeReading(reading) },
      actor: context.hostname,
    });
    return undefined;
  });
  if (work !== undefined) context.works.start(work, node.uuid);
  return true;
}

/** Whether nobody else found out about the power of the node, or said what is to become of it, since it was read. */
function isUnchanged(read: StoredNode, current: StoredNode): boolean {
  return (
    current.powerState === read.powerState &&
    current.powerKnowledge?.at.getTime() === read.powerKnowledge?.at.getTime() &&
    current.powerKnowledge?.failures === read.powerKnowledge?.failures &&
    current.maintenance === read.maintenance &&
    current.fault === read.fault &&
    current.provisionState === read.provisionState
  );
}

function isKnown(node: StoredNode, reading: PowerReading): boolean {
  const known = node.powerKnowledge;
  return (
    known !== null &&
    known.failures === 0 &&
    node.fault !== 'power failure' &&
    node.powerState === toNodePowerState(reading) &&
    known.source === reading.source &&
    known.detail === (reading.detail ?? null)
  );
}

function isForceable(node: StoredNode, reading: PowerReading): boolean {
  const wanted = node.powerState === 'power on' || node.powerState === 'power off';
  return wanted && reading.source === 'device' && (reading.state === 'power on' || reading.state === 'power off') && reading.state !== node.powerState;
}

function failureChanges(node: StoredNode, error: unknown, settings: PowerSyncSettings): { changes: NodeUpdate; message: string; severity: 'WARNING' | 'ERROR' } {
  const failures = (node.powerKnowledge?.failures ?? 0) + 1;
  const reason = describeFailure(error);
  const powerKnowledge = {
    source: node.powerKnowledge?.source ?? 'device',
    detail: reason,
    at: node.powerKnowledge?.at ?? node.createdAt,
    failures,
  } as const;
  if (failures < settings.maxFailures) {
    return { changes: { powerKnowledge }, message: `Power state could not be read (attempt ${failures}): ${reason}`, severity: 'WARNING' };
  }
  const message = `During sync_power_state, max retries exceeded for node ${node.uuid}, node state ${node.powerState ?? 'None'} does not match expected state. Error: ${reason}`;
  return {
    changes: { powerKnowledge, maintenance: true, maintenanceReason: message, fault: 'power failure', lastError: message },
    message,
    severity: 'ERROR',
  };
}

/** Runs over the items with a limit, and lets others have their turn in between. */
async function inParallel<T>(limit: number, items: AsyncGenerator<T>, signal: AbortSignal, work: (item: T) => Promise<void>): Promise<void> {
  const worker = async (): Promise<void> => {
    for await (const item of items) {
      signal.throwIfAborted();
      await work(item);
      await delay(0, { signal });
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
