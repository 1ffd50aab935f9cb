import { INTERFACES, maskSealed, MASK, type InterfaceName, type JsonObject, type JsonValue, type SealedObject, type SecretKeyTest } from '@ferric/core';
import type { StoredNode } from '../../nodes/stored-node.js';
import { defineTable, type Field, type View } from '../table/field.js';
import { fieldMakers } from '../table/field-makers.js';
import { createOnly, patchable, required, settable } from '../table/input-rules.js';
import { lowerCaseText, objectValue, textValue, truthValue, uuidValue } from '../table/value-kinds.js';
import { NODE_FILTERS } from './node-filters.js';
import { networkData } from './network-data.js';
import { NAMES_SINCE, nodeName } from './node-names.js';

const { text, truth, time, document, links } = fieldMakers<StoredNode>();

const longText = textValue();
const shortText = textValue(255);

/** First minor version that shows an interface of a node. */
const INTERFACE_SINCE: Readonly<Record<InterfaceName, number>> = {
  bios: 40, boot: 31, console: 31, deploy: 31, firmware: 86, inspect: 31, management: 31, network: 20, power: 31, raid: 31, rescue: 38,
  storage: 33, vendor: 31,
};

/** Field names of the interfaces of a node. */
export const INTERFACE_FIELDS: ReadonlyMap<string, InterfaceName> = new Map(INTERFACES.map((name) => [`${name}_interface`, name]));

const implementation = (name: InterfaceName): Field<StoredNode> => ({
  name: `${name}_interface`,
  since: INTERFACE_SINCE[name],
  description: `Implementation of the ${name} interface.`,
  schema: { type: 'string' },
  columns: ['interfaces'],
  show: (node) => node.interfaces[name],
  input: settable(shortText),
});

/** Keys at the top of instance_info that are hidden whatever they hold. Source: Ironic, node_sanitize. */
const HIDDEN_INSTANCE_KEYS: readonly string[] = ['configdrive', 'image_url'];

/** A document with secrets as clients see it. */
export const SHOWN_DOCUMENTS = {
  driver_info: (value: SealedObject, isSecret: SecretKeyTest): JsonObject => maskSealed(value, isSecret) as JsonObject,
  driver_internal_info: (value: SealedObject, isSecret: SecretKeyTest): JsonObject => maskSealed(value, isSecret) as JsonObject,
  instance_info(value: SealedObject, isSecret: SecretKeyTest): JsonObject {
    const shown = maskSealed(value, isSecret) as JsonObject;
    const hidden = HIDDEN_INSTANCE_KEYS.filter((key) => Boolean(shown[key]));
    return hidden.length === 0 ? shown : { ...shown, ...Object.fromEntries(hidden.map((key) => [key, MASK])) };
  },
} as const;

type SealedMember = 'driverInfo' | 'driverInternalInfo' | 'instanceInfo';

const sealed = (name: keyof typeof SHOWN_DOCUMENTS, key: SealedMember, description: string, rest: Partial<Field<StoredNode>>): Field<StoredNode> => ({
  name,
  since: 1,
  description: `${description} Secrets are shown as ${MASK}; sending that back keeps them.`,
  schema: { type: 'object' },
  columns: [key, 'driver'],
  show: (node: StoredNode, view: View): JsonValue => SHOWN_DOCUMENTS[name](node[key], view.isSecretKey(node.driver)),
  ...rest,
});

/**
 * Every field of a node, in the order in which Ironic 21.4 shows them.
 * Source: recorded exchanges 017-032; versions from Ironic, ironic/api/controllers/v1/utils.py (VERSIONED_FIELDS).
 */
export const NODE_TABLE = defineTable<StoredNode, typeof NODE_FILTERS>({
  filters: NODE_FILTERS,
  name: 'node',
  collection: 'nodes',
  summary: ['instance_uuid', 'maintenance', 'power_state', 'provision_state', 'uuid', 'name'],
  unknownFields: (names) => `Field ${names[0] ?? ''} is not a valid field.`,
  fields: [
    text('uuid', 'uuid', 'UUID of the node.', { input: createOnly(uuidValue) }),
    time('created_at', 'createdAt', 'When it was created.'),
    time('updated_at', 'updatedAt', 'When it was last changed.'),
    truth('automated_clean', 'automatedClean', 'Whether it is cleaned after use; null: as the conductor is configured.', { since: 47, input: settable(truthValue) }),
    implementation('bios'),
    implementation('boot'),
    text('boot_mode', 'bootMode', 'Firmware mode of its last known boot: bios or uefi.', { since: 75 }),
    document('clean_step', 'cleanStep', 'The clean step under way.', { since: 7 }),
    text('conductor_group', 'conductorGroup', 'Group of conductors that serve it.', { since: 46, input: settable(lowerCaseText(255), '') }),
    truth('console_enabled', 'consoleEnabled', 'Whether its console is on.'),
    implementation('console'),
    implementation('deploy'),
    document('deploy_step', 'deployStep', 'The deploy step under way.', { since: 44 }),
    text('description', 'description', 'Free text.', { since: 51, input: settable(textValue(4096)) }),
    text('driver', 'driver', 'Name of its hardware type.', { input: required(shortText) }),
    sealed('driver_info', 'driverInfo', 'How its controller is reached.', { input: { ...settable(objectValue, {}), sealed: true } }),
    sealed('driver_internal_info', 'driverInternalInfo', 'What the conductor keeps about it.', { since: 3 }),
    document('extra', 'extra', 'Data of its users.', { input: settable(objectValue, {}) }),
    text('fault', 'fault', 'Why the conductor put it into maintenance.', { since: 42 }),
    implementation('firmware'),
    time('inspection_finished_at', 'inspectionFinishedAt', 'When its last inspection ended.', { since: 6 }),
    time('inspection_started_at', 'inspectionStartedAt', 'When its inspection began.', { since: 6 }),
    implementation('inspect'),
    sealed('instance_info', 'instanceInfo', 'What is deployed on it.', { input: { ...settable(objectValue, {}), sealed: true } }),
    text('instance_uuid', 'instanceUuid', 'UUID of what is deployed on it.', { input: settable(uuidValue) }),
    text('last_error', 'lastError', 'Why the last work failed.'),
    text('lessee', 'lessee', 'Who may use it.', { since: 65, input: settable(shortText) }),
    truth('maintenance', 'maintenance', 'Whether it is in maintenance.', { input: settable(truthValue, false) }),
    text('maintenance_reason', 'maintenanceReason', 'Why it is in maintenance.'),
    implementation('management'),
    text('name', 'name', 'Name of the node, unique.', { since: NAMES_SINCE, input: settable(nodeName) }),
    document('network_data', 'networkData', 'Static network configuration of the deploy agent.', { since: 66, input: settable(networkData, {}) }),
    implementation('network'),
    text('owner', 'owner', 'Whom it belongs to.', { since: 50, input: settable(shortText) }),
    implementation('power'),
    text('power_state', 'powerState', 'Power state as last known: power on, power off or error; null before the first reading.'),
    document('properties', 'properties', 'What the machine is made of.', { input: settable(objectValue, {}) }),
    truth('protected', 'protected', 'Whether it is protected against undeploy, rebuild and deletion.', { since: 48, input: patchable(truthValue, false) }),
    text('protected_reason', 'protectedReason', 'Why it is protected.', { since: 48, input: patchable(longText) }),
    text('provision_state', 'provisionState', 'State of its provisioning.', {
      older: [
        { before: 2, value: 'available', shownAs: null },
        { before: 39, value: 'inspect wait', shownAs: 'inspecting' },
      ],
    }),
    time('provision_updated_at', 'provisionUpdatedAt', 'When its provision state last changed.'),
    document('raid_config', 'raidConfig', 'Disk arrays it has.', { since: 12 }),
    implementation('raid'),
    implementation('rescue'),
    text('reservation', 'reservation', 'Conductor that works on it.'),
    text('resource_class', 'resourceClass', 'Class by which schedulers ask for it.', { since: 21, input: settable(textValue(80)) }),
    truth('retired', 'retired', 'Whether it is not to be used any more.', { since: 61, input: settable(truthValue, false) }),
    text('retired_reason', 'retiredReason', 'Why it is retired.', { since: 61, input: settable(longText) }),
    truth('secure_boot', 'secureBoot', 'Whether secure boot is on.', { since: 75 }),
    text('shard', 'shard', 'Part of the fleet it belongs to.', { since: 82, input: settable(shortText) }),
    implementation('storage'),
    text('target_power_state', 'targetPowerState', 'Power state it is on its way to.'),
    text('target_provision_state', 'targetProvisionState', 'Provision state it is on its way to.'),
    document('target_raid_config', 'targetRaidConfig', 'Disk arrays it shall have.', { since: 12 }),
    document('traits', 'traits', 'What it can do, for schedulers.', { since: 37 }),
    implementation('vendor'),
    links('links', 'nodes', 'uuid', ''),
    {
      name: 'conductor',
      since: 49,
      description: 'Conductor that answers for it; here every conductor serves every node.',
      schema: { type: 'string' },
      columns: [],
      show: (_node, view) => view.hostname,
    },
    text('allocation_uuid', 'allocationUuid', 'UUID of its allocation.', { since: 52 }),
    text('chassis_uuid', 'chassisUuid', 'UUID of its chassis.', { input: { ...settable(uuidValue), removableSince: 25 } }),
    links('ports', 'nodes', 'uuid', 'ports'),
    links('portgroups', 'nodes', 'uuid', 'portgroups', { since: 24 }),
    links('volume', 'nodes', 'uuid', 'volume', { since: 32 }),
    links('states', 'nodes', 'uuid', 'states', { since: 14 }),
  ],
});
