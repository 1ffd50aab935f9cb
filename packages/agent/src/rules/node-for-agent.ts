import { maskSealed, revealSealed, type JsonObject, type NodeView, type PortView, Secret, type SealedObject } from '@ferric/core';

/**
 * A node as commands of the agent take it: Ironic's names, secrets as `******`.
 * @param settings `configDrive`: leave the config drive in, which deploy steps may need; it is still a Secret, and so is what holds it
 * Source: Ironic, ironic/drivers/modules/agent_client.py (node.as_dict(secure=True)).
 */
export function nodeForAgent(node: NodeView, settings: { readonly configDrive?: boolean } = {}): SealedObject {
  const configDrive = node.instanceInfo['configdrive'];
  const instanceInfo = maskSealed(node.instanceInfo) as JsonObject;
  return {
    uuid: node.uuid,
    name: node.name,
    driver: node.driver,
    properties: maskSealed(node.properties),
    instance_info:
      settings.configDrive === true && configDrive !== undefined && configDrive !== null
        ? { ...instanceInfo, configdrive: new Secret(revealSealed(configDrive)) }
        : instanceInfo,
    driver_info: maskSealed(node.driverInfo),
    driver_internal_info: maskSealed(node.driverInternalInfo),
    extra: maskSealed(node.extra),
    network_data: maskSealed(node.networkData),
    instance_uuid: node.instanceUuid,
    resource_class: node.resourceClass,
    provision_state: node.provisionState,
    target_provision_state: node.targetProvisionState,
    raid_config: node.raidConfig,
    target_raid_config: node.targetRaidConfig,
    boot_mode: node.bootMode,
    secure_boot: node.secureBoot,
    boot_interface: node.interfaces.boot,
    deploy_interface: node.interfaces.deploy,
    raid_interface: node.interfaces.raid,
  };
}

/** A port as commands of the agent take it, with Ironic's names. */
export function portForAgent(port: PortView): SealedObject {
  return {
    uuid: port.uuid,
    address: port.address,
    pxe_enabled: port.pxeEnabled,
    local_link_connection: port.localLinkConnection,
    physical_network: port.physicalNetwork,
    extra: port.extra,
  };
}
