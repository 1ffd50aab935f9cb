import type { DeviceContext } from '@ferric/core';
import { readWakeRequest, type WakeRequest } from './client/wake-request.js';
import { toWakeSettings, WOL_FIELDS, type WolDriverInfo } from './wol-options.js';

/**
 * What to send for a node: one packet per network port, whether or not it boots from the network, in their order.
 * @throws INVALID_OPTIONS for a node without ports, or with an address that no machine owns.
 */
export function readNodeRequest(info: WolDriverInfo, context: DeviceContext = {}): WakeRequest {
  return readWakeRequest((context.ports ?? []).map((port) => port.address), toWakeSettings(info), WOL_FIELDS);
}
