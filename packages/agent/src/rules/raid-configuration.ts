import { FerricError, withCapability, type JsonObject, type JsonValue, type NodeChanges, type NodeView } from '@ferric/core';

/** The logical disks of a RAID configuration; none when it has no usable list. */
export function logicalDisks(configuration: JsonObject): readonly JsonObject[] {
  const disks = configuration['logical_disks'];
  return Array.isArray(disks) ? disks.filter((disk: JsonValue): disk is JsonObject => typeof disk === 'object' && disk !== null && !Array.isArray(disk)) : [];
}

/** Which volumes of a wanted configuration a step shall create. */
export interface WantedVolumes {
  readonly root: boolean;
  readonly nonRoot: boolean;
}

/**
 * The part of a node's wanted configuration that a step shall create.
 * Source: Ironic, ironic/common/raid.py (filter_target_raid_config).
 * @throws INVALID_OPTIONS when nothing is wanted, or nothing is left.
 */
export function narrowRaidTarget(target: JsonObject, { root, nonRoot }: WantedVolumes, nodeUuid: string): JsonObject {
  if (logicalDisks(target).length === 0) throw nothingToCreate(`Node ${nodeUuid} has no target RAID configuration.`);
  const disks = logicalDisks(target).filter((disk) => (isRoot(disk) ? root : nonRoot));
  if (disks.length > 0) return { ...target, logical_disks: disks };
  const skipped = [...(root ? [] : ['skipping root volume']), ...(nonRoot ? [] : ['skipping non-root volumes'])];
  throw nothingToCreate(`Node ${nodeUuid} has empty target RAID configuration after ${skipped.join(' and ')}.`);
}

/**
 * What it means for a node's record that its machine has these arrays now: the arrays, and facts of the one volume that the system goes onto.
 * Source: Ironic, ironic/common/raid.py (update_raid_info).
 */
export function raidFound(node: Pick<NodeView, 'properties'>, present: JsonObject, at: Date): NodeChanges {
  const disks = logicalDisks(present);
  if (disks.length === 0) return { raidConfig: {} };
  const roots = disks.filter(isRoot);
  const { size_gb: size, raid_level: level, root_device_hint: hint } = (roots.length === 1 ? roots[0] : undefined) ?? {};
  const properties = {
    ...(typeof size === 'number' ? { local_gb: size } : {}),
    ...(hint === undefined ? {} : { root_device: hint }),
    ...(typeof level === 'string' ? { capabilities: withCapability(node.properties['capabilities'], 'raid_level', level) } : {}),
  };
  return { raidConfig: { ...present, last_updated: at.toISOString() }, ...(Object.keys(properties).length === 0 ? {} : { properties }) };
}

function isRoot(disk: JsonObject): boolean {
  return disk['is_root_volume'] === true;
}

function nothingToCreate(message: string): FerricError {
  return new FerricError('INVALID_OPTIONS', message, { hint: 'Set target_raid_config to the volumes that this step shall create.' });
}
