import { type BootDeviceSetting, errorCode, FerricError } from '@ferric/core';
import { biosPart, decodeBootOverride, readBios, reader, type Resource, setBootOverride } from '@ferric/redfish';
import type { IloBootDeviceName } from '../ilo-client.js';
import type { RestCall } from '../operations/perform.js';
import { bootModeOf, deviceOfBootText, deviceOfOverride, iscsiTarget, OVERRIDE_TARGETS } from './boot-names.js';

/** What the system takes as the target of its override; one that does not say so takes the usual ones. */
export function supportedByRest(system: Resource): ReadonlySet<IloBootDeviceName> {
  const { targets, uefiTargets } = decodeBootOverride(system);
  const devices = Object.keys(OVERRIDE_TARGETS) as IloBootDeviceName[];
  return new Set(devices.filter((device) =>
    (targets.length === 0 || targets.includes(OVERRIDE_TARGETS[device])) && (device !== 'iscsiboot' || iscsiTarget(uefiTargets) !== undefined)));
}

/** The override, and where there is none, the first of the boot order. Source: HPE iLO RESTful API, "Boot settings". */
export async function readRestBootDevice(call: RestCall): Promise<BootDeviceSetting> {
  const override = decodeBootOverride(await call.system());
  if (override.enabled !== 'Disabled' && override.target !== undefined && override.target !== 'None') {
    const device = deviceOfOverride(override);
    const detail = device === null ? { detail: `set to ${override.target}` } : {};
    return { device, persistent: override.enabled === 'Continuous', ...detail };
  }
  return readBootOrder(call);
}

/** Only a server in UEFI mode has an order that can be read. */
async function readBootOrder(call: RestCall): Promise<BootDeviceSetting> {
  const order = await call.system().then((system) => readBootResource(call, system)).catch((error: unknown) => {
    if (['UNSUPPORTED', 'NOT_FOUND'].includes(errorCode(error))) return undefined;
    throw error;
  });
  if (order === undefined) return { device: null, persistent: null, detail: 'the controller shows the boot order in UEFI mode only' };
  const fields = reader(order.body, order.path);
  const [first] = fields.texts('PersistentBootConfigOrder');
  const source = fields.children('BootSources').find((each) => each.text('StructuredBootString') === first);
  const text = source?.text('BootString');
  if (text === undefined) return { device: null, persistent: null, detail: 'the boot order does not name its first entry' };
  const device = deviceOfBootText(text);
  return { device, persistent: true, ...(device === null ? { detail: `the boot order begins with ${text}` } : {}) };
}

async function readBootResource({ client, options }: RestCall, system: Resource): Promise<Resource | undefined> {
  const bios = await readBios(client, system, options);
  const path = biosPart(bios, 'Boot');
  if (path === undefined || bootModeOf(bios.attributes['BootMode']) === 'bios') return undefined;
  return client.read(path, options);
}

/** Refused during the power-on self-test: tried again until that is over. */
export async function setRestBootDevice(call: RestCall, device: IloBootDeviceName, persistent: boolean): Promise<void> {
  const enabled = persistent ? 'Continuous' : 'Once';
  await call.whenReady('boot device', async () => {
    const system = await call.system();
    const present = decodeBootOverride(system);
    const uefiTarget = device === 'iscsiboot' ? requireIscsi(present.uefiTargets, system) : undefined;
    if (present.enabled === enabled && deviceOfOverride(present) === device) return;
    // The mode of the override is read-only on iLO 5, and refused together with other properties on iLO 4: left out.
    await setBootOverride(call.client, system, { enabled, target: OVERRIDE_TARGETS[device], ...(uefiTarget === undefined ? {} : { uefiTarget }) }, call.options);
  });
}

function requireIscsi(uefiTargets: readonly string[], { path }: Resource): string {
  const found = iscsiTarget(uefiTargets);
  if (found !== undefined) return found;
  throw new FerricError('UNSUPPORTED', 'No boot over iSCSI is set up on the server', {
    details: { resource: path, allowed: [...uefiTargets] },
    hint: 'Set up an iSCSI target in its BIOS first, in UEFI mode, and restart it once.',
  });
}
