import type { NodeView, ObjectSchema } from '@ferric/core';
import { booleanField, objectSchema, z } from '@ferric/core/zod';

const proxy = z.string().refine((text) => !text.includes('://') || /^https?:\/\//i.test(text), 'the address of an http or https proxy');

const schema = z.object({
  deploy_forces_oob_reboot: booleanField().default(false)
    .describe('Whether the machine is cut off after its disk was written, in place of the agent switching it off'),
  disable_power_off: booleanField().default(false).describe('Whether the machine must never be switched off, only reset'),
  image_http_proxy: proxy.optional().describe('Proxy through which the agent loads images by http'),
  image_https_proxy: proxy.optional().describe('Proxy through which the agent loads images by https'),
  image_no_proxy: z.string().optional().describe('Hosts and domains that the agent asks without a proxy, with commas between them'),
});

/** The fields of driver_info that strategies of the agent read. */
export type AgentDriverOptions = z.output<typeof schema>;

/** Source: Ironic, ironic/drivers/modules/agent.py (OPTIONAL_PROPERTIES), agent_base.py (VENDOR_PROPERTIES). `disable_power_off` is a field of the node there. */
export const agentDriverOptions: ObjectSchema<AgentDriverOptions> = objectSchema('driver_info', schema);

/** @throws INVALID_OPTIONS with every issue at once. */
export function readDriverOptions(node: Pick<NodeView, 'driverInfo'>): AgentDriverOptions {
  return agentDriverOptions.parse(node.driverInfo);
}
