import { BOOT_MODES, STABLE_STATES, FAILED_STATES, type CallOptions } from '@ferric/core';
import { faults } from '../fault.js';
import type { NodeUpdate } from '../store/store.js';
import type { ConductorContext } from './conductor-context.js';
import { changeMachine } from './machine-change.js';
import type { NodeDevice } from './node-device.js';
import type { Requester } from './node-service.js';
import type { StoredNode } from './stored-node.js';

/**
 * Accepts a change of the firmware mode.
 * Source: Ironic, NodeStatesController.boot_mode and ironic/conductor/utils.py (node_change_boot_mode).
 * @returns the UUID of the node.
 */
export async function setBootMode(context: ConductorContext, node: StoredNode, target: string, requester: Requester): Promise<string> {
  const mode = BOOT_MODES.find((each) => each === target);
  if (mode === undefined) throw faults.invalidBootMode(target, BOOT_MODES);
  checkNoTransition(node);
  await changeMachine(
    context,
    node.uuid,
    {
      name: 'boot mode',
      event: 'boot-mode-set',
      timeoutMs: context.settings.powerChangeTimeoutMs,
      check(present, { bootMode }) {
        checkNoTransition(present);
        if (bootMode === undefined) throw faults.unsupported(present.driver, 'set_boot_mode');
        if (!bootMode.supported.has(mode)) throw faults.bootModeUnsupported(mode, [...bootMode.supported]);
      },
      async make(device, options) {
        await device.bootMode?.set(mode, options);
        return { changes: await firmwareNow(device, options, { bootMode: mode }), message: `Boot mode ${mode}`, details: { mode } };
      },
      describeFailure: (reason) => `Failed to change boot mode to '${mode}': ${reason}`,
    },
    requester,
  );
  return node.uuid;
}

/** Accepts a change of secure boot. Source: Ironic, NodeStatesController.secure_boot. @returns the UUID of the node. */
export async function setSecureBoot(context: ConductorContext, node: StoredNode, enabled: boolean, requester: Requester): Promise<string> {
  checkNoTransition(node);
  const word = enabled ? 'on' : 'off';
  await changeMachine(
    context,
    node.uuid,
    {
      name: 'secure boot',
      event: 'secure-boot-set',
      timeoutMs: context.settings.powerChangeTimeoutMs,
      check(present, { secureBoot }) {
        checkNoTransition(present);
        if (secureBoot === undefined) throw faults.unsupported(present.driver, 'set_secure_boot_state');
      },
      async make(device, options) {
        await device.secureBoot?.set(enabled, options);
        return { changes: await firmwareNow(device, options, { secureBoot: enabled }), message: `Secure boot ${word}`, details: { enabled } };
      },
      describeFailure: (reason) => `Failed to switch secure boot ${word}: ${reason}`,
    },
    requester,
  );
  return node.uuid;
}

/** Work on the machine may set the firmware too. A node that waits for a person is not in transition. */
function checkNoTransition({ provisionState }: StoredNode): void {
  if (!STABLE_STATES.has(provisionState) && !FAILED_STATES.has(provisionState)) throw faults.bootModeInTransition(provisionState);
}

/** Both settings as the machine has them now, since one may change the other; what was asked for where it does not tell. */
async function firmwareNow(device: NodeDevice, options: CallOptions, asked: NodeUpdate): Promise<NodeUpdate> {
  const bootMode = await device.bootMode?.read(options).catch(() => undefined);
  const secureBoot = await device.secureBoot?.read(options).catch(() => undefined);
  return { ...asked, ...(bootMode === undefined ? {} : { bootMode }), ...(secureBoot === undefined ? {} : { secureBoot }) };
}
