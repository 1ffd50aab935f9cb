import type { JsonValue } from '@ferric/core';
import type { RunningConductor } from './running-conductor.js';

/** What a deploy agent says to the conductor, said by a test. */
export interface MachineAgent {
  readonly token: string;
  /** Sends a heartbeat; yields its status. */
  report(more?: Record<string, JsonValue>): Promise<number>;
}

const CALLBACK_URL = 'http://192.0.2.10:9999';

/** Looks the node with this port up, as an agent does once when it starts. */
export async function lookUp(running: RunningConductor, address: string): Promise<MachineAgent> {
  const { status, body } = await running.call('GET', `/v1/lookup?addresses=${encodeURIComponent(address)}`);
  if (status !== 200) throw new Error(`The lookup of ${address} answered ${status}`);
  const { node, config } = body as { node: { uuid: string }; config: { agent_token: string } };
  return {
    token: config.agent_token,
    async report(more = {}) {
      const sent = { callback_url: CALLBACK_URL, agent_version: '11.99.0', agent_token: config.agent_token, ...more };
      return (await running.call('POST', `/v1/heartbeat/${node.uuid}`, sent)).status;
    },
  };
}
