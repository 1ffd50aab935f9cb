import { FerricError, type PortgroupView, type PortView, type VifRequest } from '@ferric/core';

/** Key of internal_info under which a port, or a port group, keeps the VIF of the machine's user. Source: Ironic, network/common.py (TENANT_VIF_KEY). */
export const TENANT_VIF = 'tenant_vif_port_id';

/** What VIFs can be attached to: the ports and port groups of one node. */
export interface VifPlaces {
  readonly ports: readonly PortView[];
  readonly portgroups: readonly PortgroupView[];
}

/** Where one VIF is attached, or can be. */
export interface VifPlace {
  readonly kind: 'port' | 'portgroup';
  readonly uuid: string;
}

/** As error texts call them. */
const KIND_NAMES: Readonly<Record<VifPlace['kind'], string>> = { port: 'Port', portgroup: 'Portgroup' };

/** The VIF that a port or a port group has; undefined when it is free. */
export function vifOf({ internalInfo }: Pick<PortView, 'internalInfo'>): string | undefined {
  const vif = internalInfo[TENANT_VIF];
  return typeof vif === 'string' && vif !== '' ? vif : undefined;
}

/** The place that has this VIF; undefined when there is none. */
export function findVif({ ports, portgroups }: VifPlaces, id: string): VifPlace | undefined {
  const portgroup = portgroups.find((each) => vifOf(each) === id);
  if (portgroup !== undefined) return { kind: 'portgroup', uuid: portgroup.uuid };
  const port = ports.find((each) => vifOf(each) === id);
  return port === undefined ? undefined : { kind: 'port', uuid: port.uuid };
}

/**
 * The place that takes a VIF: port groups come first, then ports that the machine boots through, then the others; the oldest among equals.
 * The ports of a group are used one by one only where the group allows it, and where one of them is used so already or the request names it.
 * Source: Ironic, network/common.py (get_free_port_like_object); texts as its clients match them.
 * @throws CONFLICT when the VIF is attached already; INVALID_OPTIONS when no place is free, or the named one is not.
 */
export function chooseVifPlace(places: VifPlaces, request: VifRequest): VifPlace {
  const { id, portUuid, portgroupUuid } = request;
  const present = findVif(places, id);
  if (present !== undefined) {
    throw new FerricError('CONFLICT', `Unable to attach VIF because VIF ${id} is already attached to Ironic ${KIND_NAMES[present.kind]} ${present.uuid}`, {
      details: { vif: id, ...present },
      hint: 'Detach it first if it shall be attached elsewhere.',
    });
  }
  const portgroups = portUuid === undefined ? freePortgroups(places).filter(({ uuid }) => uuid === (portgroupUuid ?? uuid)) : [];
  const ports = portgroupUuid === undefined ? freePorts(places, portUuid).filter(({ uuid }) => uuid === (portUuid ?? uuid)) : [];
  const portgroup = portgroups[0];
  if (portgroup !== undefined) return { kind: 'portgroup', uuid: portgroup.uuid };
  const port = ports.find(({ pxeEnabled }) => pxeEnabled) ?? ports[0];
  if (port !== undefined) return { kind: 'port', uuid: port.uuid };
  throw new FerricError('INVALID_OPTIONS', `Unable to attach VIF ${id}, not enough free physical ports.`, {
    details: { vif: id, ...(portUuid === undefined ? {} : { port: portUuid }), ...(portgroupUuid === undefined ? {} : { portgroup: portgroupUuid }) },
    hint: 'Detach a VIF, or add a port. A port group can take one when it has a free port.',
  });
}

/** Groups without a VIF that have a free port, and no port that is used by itself. */
function freePortgroups(places: VifPlaces): readonly PortgroupView[] {
  return places.portgroups.filter((portgroup) => {
    const members = membersOf(places, portgroup);
    return vifOf(portgroup) === undefined && members.length > 0 && members.every((port) => vifOf(port) === undefined);
  });
}

function freePorts(places: VifPlaces, named: string | undefined): readonly PortView[] {
  return places.ports.filter((port) => {
    if (vifOf(port) !== undefined) return false;
    const portgroup = places.portgroups.find(({ uuid }) => uuid === port.portgroupUuid);
    if (portgroup === undefined) return true;
    if (!portgroup.standalonePortsSupported || vifOf(portgroup) !== undefined) return false;
    return port.uuid === named || membersOf(places, portgroup).some((member) => vifOf(member) !== undefined);
  });
}

function membersOf({ ports }: VifPlaces, { uuid }: PortgroupView): readonly PortView[] {
  return ports.filter(({ portgroupUuid }) => portgroupUuid === uuid);
}
