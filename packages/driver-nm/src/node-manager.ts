import { FerricError, type CallOptions } from '@ferric/core';
import type { IpmiCall, IpmiMachine } from '@ferric/driver-ipmi';
import { callNodeManager, findNodeManager, type NmAnswers, type NmMethodName, type NmRequests, type NodeManagerLocation } from './client/index.js';
import { isAnswerOfAnother } from './client/nm-commands.js';
import { createLocationMemory } from './location-memory.js';

/** A walk through all records of a BMC, which the first call may need, takes a minute on a slow one. Milliseconds. */
const CALL_MS = 120_000;

/** Send Message. Source: IPMI 1.5, section 18.7. */
const SEND_MESSAGE = { netFn: '0x06', command: '0x34' };

/** The request was not delivered: nobody at this address, the destination is away, no such channel. Source: IPMI 1.5, table 5-2. */
const NOT_DELIVERED: ReadonlySet<unknown> = new Set(['0x83', '0xd3', '0xcc', '0xc9']);

/** The Node Manager behind the BMC of one machine. It is found when first needed, and again when it is no longer where it was. */
export interface NodeManager {
  /**
   * Calls one method.
   * @throws UNSUPPORTED when the machine has no Node Manager; what `callNodeManager` throws; TIMEOUT, ABORTED and the abort reason
   */
  call<Name extends NmMethodName>(name: Name, request: NmRequests[Name], options?: CallOptions): Promise<NmAnswers[Name]>;
}

export function createNodeManager(machine: IpmiMachine): NodeManager {
  const memory = createLocationMemory(machine.memory, [machine.address, ...machine.bridge.map((hop) => `${hop.channel}:${hop.address}`)].join(' '));

  const find = async ({ bmc, deadline, records }: IpmiCall): Promise<NodeManagerLocation> => {
    const location = await findNodeManager(bmc, { signal: deadline.signal, records: async () => (await records()).repository });
    memory.keep(location);
    machine.logger.debug({ address: machine.address, ...location }, 'Node Manager found');
    return location;
  };

  return {
    call: (name, request, options) =>
      machine.perform({ what: name, timeoutMs: CALL_MS }, options, async (call) => {
        if (machine.bridge.length > 1) throw tooFar(machine.address);
        const send = (location: NodeManagerLocation): Promise<NmAnswers[typeof name]> =>
          callNodeManager(call.bmc, location, name, request, { signal: call.deadline.signal });
        const known = memory.get();
        if (known === undefined) return send(await find(call));
        try {
          return await send(known);
        } catch (error) {
          if (!mayBeGone(error)) throw error;
          memory.forget();
          if (!isNotDelivered(error) && !(isAnswerOfAnother(error) && isReading(name))) throw error;
        }
        return send(await find(call));
      }),
  };
}

/** Whether the next call had better look for the Node Manager again. */
function mayBeGone(error: unknown): boolean {
  return isNotDelivered(error) || isRefusedOnTheWay(error) || isAnswerOfAnother(error) || (FerricError.is(error) && error.code === 'TIMEOUT');
}

/** Whether a method changes nothing, so that it does not matter whether somebody else has carried it out. */
function isReading(name: NmMethodName): boolean {
  return name.startsWith('get_');
}

/** Whether the request did not reach a Node Manager, so that it may be sent to another one. */
function isNotDelivered(error: unknown): boolean {
  if (!FerricError.is(error)) return false;
  // Whoever answers "invalid command" is no Node Manager.
  return (isRefusedOnTheWay(error) && NOT_DELIVERED.has(error.details['completionCode'])) || error.details['completionCode'] === '0xc1';
}

function isRefusedOnTheWay(error: unknown): boolean {
  return FerricError.is(error) && error.details['netFn'] === SEND_MESSAGE.netFn && error.details['command'] === SEND_MESSAGE.command && error.code !== 'BUSY';
}

function tooFar(address: string): FerricError {
  return new FerricError('UNSUPPORTED', `The Node Manager of a machine behind two controllers (ipmi_bridging "dual") cannot be reached through the BMC at ${address}`, {
    details: { address },
    hint: 'IPMI passes requests on at most twice; give the node the address of a BMC that is nearer to the machine.',
  });
}
