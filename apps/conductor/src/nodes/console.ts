import { isEmptyImplementation, type JsonObject } from '@ferric/core';
import { faults } from '../fault.js';
import type { ConductorContext } from './conductor-context.js';
import { changeMachine } from './machine-change.js';
import type { ConsoleState, Requester } from './node-service.js';
import { openTask } from './node-task.js';
import type { StoredNode } from './stored-node.js';
import { requireValid } from './validation.js';

/** What `console_info` says of a console that no client can reach over the network. */
const NOT_SERVED: JsonObject = {
  type: 'none',
  url: null,
  description: 'This conductor does not serve the console. The driver package of the node opens it in a program of your own: device.console.open()',
};

/** Whether the console is on and how a client reaches it. Source: Ironic, NodeConsoleController.get; recorded exchanges 084 and 086. */
export async function readConsole(context: ConductorContext, node: StoredNode): Promise<ConsoleState> {
  if (!node.consoleEnabled) return { enabled: false, info: null };
  await using opened = await openTask(context, node, new AbortController().signal);
  const { console } = opened.device;
  if (console === undefined) throw faults.unsupported(node.driver, 'console');
  return { enabled: true, info: console.info ?? NOT_SERVED };
}

/**
 * Accepts switching the console on or off; what it is already does nothing. A console that is switched on is opened once, as proof.
 * Source: Ironic, ConductorManager.set_console_mode.
 */
export async function setConsole(context: ConductorContext, node: StoredNode, enabled: boolean, requester: Requester): Promise<void> {
  if (isEmptyImplementation('console', node.interfaces.console)) throw faults.unsupported(node.driver, 'console');
  await requireValid(context, node, ['console'], 'console');
  if (node.consoleEnabled === enabled) return;
  await changeMachine(
    context,
    node.uuid,
    {
      name: 'console',
      event: 'console-set',
      timeoutMs: context.settings.deviceTimeoutMs,
      check(present, { console }) {
        if (console === undefined) throw faults.unsupported(present.driver, 'console');
      },
      async make({ console }, options) {
        if (enabled) await (await console?.open(options))?.[Symbol.asyncDispose]();
        return { changes: { consoleEnabled: enabled }, message: `Console ${enabled ? 'enabled' : 'disabled'}`, details: { enabled } };
      },
      describeFailure: (reason) => `Error ${enabled ? 'enabling' : 'disabling'} the console on node ${node.uuid}. Reason: ${reason}`,
    },
    requester,
  );
}
