import type { JsonValue, NodeView, ProvisionState } from '@ferric/core';
import { sampleNode } from '@ferric/core/testing';
import { DEFAULT_BOOT_SETTINGS, bootScript, type BootPurpose, type BootScript, type BootScriptOptions } from '../src/index.js';

/** A node that boots by network, with everything that any kind needs. */
export interface NodeParts {
  readonly state?: ProvisionState;
  readonly purpose?: BootPurpose | null;
  readonly kernelParameters?: Readonly<Record<string, string>>;
  readonly boot?: string;
  readonly deploy?: string;
  readonly driverInfo?: NodeView['driverInfo'];
  readonly instanceInfo?: NodeView['instanceInfo'];
  readonly properties?: NodeView['properties'];
  readonly rootUuid?: JsonValue;
}

const AGENT_FILES = {
  deploy_kernel: 'http://images.example/agent.kernel',
  deploy_ramdisk: 'file:///srv/images/agent.initramfs',
  rescue_kernel: 'http://images.example/rescue.kernel',
  rescue_ramdisk: 'http://images.example/rescue.initramfs',
};

export function networkNode(parts: NodeParts = {}): NodeView {
  const { state = 'wait call-back', purpose = 'deploy', kernelParameters = {}, boot = 'ipxe', deploy = 'direct', driverInfo = {}, instanceInfo = {}, properties = {}, rootUuid } = parts;
  const node = sampleNode();
  return sampleNode({
    provisionState: state,
    interfaces: { ...node.interfaces, boot, deploy },
    driverInfo: { ...AGENT_FILES, ...driverInfo },
    instanceInfo,
    properties,
    driverInternalInfo: {
      ...(purpose === null ? {} : { network_boot: { purpose, kernel_parameters: kernelParameters } }),
      ...(rootUuid === undefined ? {} : { root_uuid_or_disk_id: rootUuid }),
    },
  });
}

export const API = 'http://192.0.2.1:6385';
export const fileUrl = (role: string): string => `${API}/files/${role}`;

/** The script of a node, with settings that add no parameter of their own. */
export function render(node: NodeView, options: Partial<BootScriptOptions> = {}): BootScript {
  return bootScript({ node, apiUrl: API, fileUrl, settings: { ...DEFAULT_BOOT_SETTINGS, kernelAppendParams: '' }, ...options });
}
