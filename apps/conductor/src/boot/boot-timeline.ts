import type { BootFileRole, BootScript } from '@ferric/ipxe-config';
import type { NewNodeEvent } from '../events/node-event.js';
import type { ConductorContext } from '../nodes/conductor-context.js';
import type { StoredNode } from '../nodes/stored-node.js';
import type { BootRequester } from './boot-service.js';
import { createSeldom } from './seldom.js';

/**
 * Tells the history of a node how its machine boots. Machines ask without an account, and a broken one asks without end: each kind of
 * news is told at most once per node and minute. Telling never delays or fails an answer.
 */
export interface BootTimeline {
  scriptServed(node: StoredNode, script: BootScript, requester: BootRequester): void;
  scriptRefused(node: StoredNode, reason: string, requester: BootRequester): void;
  /** Once per boot, which begins when a script is served. */
  fileFetched(node: StoredNode, role: BootFileRole, requester: BootRequester): void;
  fileRefused(node: StoredNode, role: BootFileRole, reason: string, requester: BootRequester): void;
}

/** A boot is over after this time, whatever was heard of it. Milliseconds. */
const LONGEST_BOOT_MS = 60 * 60 * 1000;

export function createBootTimeline({ store, clock, background, logger }: ConductorContext): BootTimeline {
  const told = createSeldom({ clock });
  const fetched = createSeldom({ clock, intervalMs: LONGEST_BOOT_MS });

  const tell = (key: string, node: StoredNode, requester: BootRequester, event: Pick<NewNodeEvent, 'type' | 'severity' | 'message' | 'details'>): void => {
    if (!told.first(`${node.uuid} ${key}`)) return;
    background.run('boot event', async () => {
      const whole: NewNodeEvent = { ...event, nodeUuid: node.uuid, actor: requester.requestId, details: { ...event.details, address: requester.address } };
      await store.write((transaction) => transaction.events.append(whole)).catch((error: unknown) => logger.warn({ node: node.uuid, error }, 'A boot event could not be written into the history'));
    });
  };

  return {
    scriptServed(node, { kind, script, files }, requester) {
      for (const role of files) fetched.forget(`${node.uuid} ${role}`);
      tell(`script ${kind}`, node, requester, {
        type: 'boot-script-served', severity: 'INFO', message: `The machine asked from ${requester.address} what to boot and got the script "${kind}"`, details: { kind, files, script },
      });
    },
    scriptRefused(node, reason, requester) {
      tell('refused', node, requester, {
        type: 'boot-script-refused', severity: 'WARNING', message: `The machine asked from ${requester.address} what to boot and got nothing: ${reason}`, details: { reason },
      });
    },
    fileFetched(node, role, requester) {
      if (!fetched.first(`${node.uuid} ${role}`)) return;
      tell(`fetched ${role}`, node, requester, { type: 'boot-file-fetched', severity: 'INFO', message: `The machine at ${requester.address} fetches its ${role}`, details: { role } });
    },
    fileRefused(node, role, reason, requester) {
      tell(`missing ${role}`, node, requester, {
        type: 'boot-file-refused', severity: 'WARNING', message: `The machine at ${requester.address} cannot have its ${role}: ${reason}`, details: { role, reason },
      });
    },
  };
}
