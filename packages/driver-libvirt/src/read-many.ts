import { abortable, FerricError, type CallOptions, type Device, type PowerReading } from '@ferric/core';
import { domainState, stateReason } from './client/domain-words.js';
import type { Domain, DomainStats } from './client/domains.js';
import type { Hypervisor } from './hypervisor.js';
import type { Machine, MachineCall } from './libvirt-machine.js';
import { READ_MS, readPower } from './libvirt-power.js';
import { powerReading } from './power-states.js';
import { createSharedTask } from './shared-task.js';

/**
 * Reads the power of many machines. Each settles by itself, in the given order; those of one hypervisor share one exchange.
 * @param machineOf the machine behind a device of this driver; undefined for any other
 */
export async function readMany(
  devices: readonly Device[],
  machineOf: (device: Device) => Machine | undefined,
  options: CallOptions | undefined,
): Promise<readonly PromiseSettledResult<PowerReading>[]> {
  const batches = new Map<Hypervisor, Batch>();
  const places = devices.map((device) => {
    const machine = machineOf(device);
    const hypervisor = machine === undefined ? undefined : hypervisorOf(machine);
    if (machine === undefined || hypervisor === undefined) return { machine, seat: undefined };
    const batch = batches.get(hypervisor) ?? createBatch(hypervisor);
    batches.set(hypervisor, batch);
    return { machine, seat: batch.seat() };
  });
  return Promise.allSettled(places.map(async ({ machine, seat }) => readOne(machine, seat, options)));
}

async function readOne(machine: Machine | undefined, seat: Seat | undefined, options: CallOptions | undefined): Promise<PowerReading> {
  if (machine === undefined) throw new FerricError('INVALID_OPTIONS', 'One of the devices was not opened by this driver');
  try {
    return await machine.perform({ what: 'read power', timeoutMs: READ_MS }, options, (call) => readSeated(machine, call, seat));
  } finally {
    // Closed, given up or not found: the others must not wait for it.
    seat?.leave();
  }
}

async function readSeated(machine: Machine, call: MachineCall, seat: Seat | undefined): Promise<PowerReading> {
  const stats = await seat?.read(await call.find(), call.deadline.signal);
  const state = stats?.values['state.state'];
  const reason = stats?.values['state.reason'];
  // Gone since it was found: it is looked for once more, apart from the others.
  if (typeof state !== 'number' || typeof reason !== 'number') return readPower(machine, call);
  const word = domainState(state);
  return powerReading({ state: word, reason: stateReason(word, reason) }, machine.clock.now());
}

/** A device whose URI cannot be used says so in its own call. */
function hypervisorOf(machine: Machine): Hypervisor | undefined {
  try {
    return machine.hypervisor();
  } catch {
    return undefined;
  }
}

/** One reading of several machines of one hypervisor: sent once it is known which domains they are. */
interface Batch {
  /** One machine that will ask or leave. All seats are taken before the first of them does. */
  seat(): Seat;
}

interface Seat {
  /** What the daemon says of this domain; undefined when it does not know it. */
  read(domain: Domain, signal: AbortSignal): Promise<DomainStats | undefined>;
  /** Idempotent. */
  leave(): void;
}

function createBatch({ client, exchange }: Hypervisor): Batch {
  const domains = new Map<string, Domain>();
  const complete = Promise.withResolvers<void>();
  let missing = 0;
  const task = createSharedTask(async (signal): Promise<ReadonlyMap<string, DomainStats>> => {
    await abortable(signal, complete.promise);
    const stats = await exchange((options) => client.domains.stats([...domains.values()], ['state'], options), signal);
    return new Map(stats.map((each) => [each.domain.uuid, each]));
  });
  return {
    seat() {
      missing += 1;
      let waitedFor = true;
      const arrive = (): void => {
        if (!waitedFor) return;
        waitedFor = false;
        missing -= 1;
        if (missing === 0) complete.resolve();
      };
      return {
        async read(domain, signal) {
          domains.set(domain.uuid, domain);
          arrive();
          return (await task.join(signal)).get(domain.uuid);
        },
        leave: arrive,
      };
    },
  };
}
