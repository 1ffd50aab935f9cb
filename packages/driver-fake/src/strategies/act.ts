import { maskSealed, type Clock, type ObjectSchema, type Task } from '@ferric/core';
import { objectSchema, z } from '@ferric/core/zod';
import { playAction, scriptFields, type FakeAction, type FakeScript } from '../fake-script.js';

/** The fields of driver_info that the `fake` strategies read. */
export const scriptSchema: ObjectSchema<FakeScript> = objectSchema('driver_info of fake-hardware', z.object(scriptFields));

/** Reads the script of a node. A script holds no secrets, so the masked form is enough and nothing is revealed. */
function readScript(task: Task): FakeScript {
  return scriptSchema.parse(maskSealed(task.node.driverInfo));
}

/** Whether the node's script can be read, which is all that a `fake` strategy needs. */
export async function validateScript(task: Task): Promise<void> {
  readScript(task);
}

/** Pretends to do something: as slow as the node's script asks, failing if it says so. */
export async function act(task: Task, action: FakeAction, clock: Clock): Promise<void> {
  task.progress(`Pretending: ${action}`);
  await playAction(readScript(task), action, { signal: task.signal, clock });
}
