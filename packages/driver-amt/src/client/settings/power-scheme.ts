import type { AMT_SystemPowerScheme, CIM_ElementSettingData } from '../classes/amt-settings.js';
import type { InstanceOf } from '../classes/class-table.js';
import { present } from '../classes/present.js';

/** One of the firmware's choices of when the management engine runs. */
export interface PowerPackage {
  /** `SCHEME 0`. */
  readonly id: string;
  /** `Mobile: ON in S0, ME Wake in S3, S4-5 (AC only)`: outside of these states the device does not answer. */
  readonly description: string;
  /** The package's GUID in base64, as Intel's list of power packages shows it. */
  readonly guidBase64?: string;
}

export interface PowerPackages {
  readonly packages: readonly PowerPackage[];
  /** The one in force; left out when the device does not tell. */
  readonly current?: PowerPackage;
}

function toPowerPackage(instance: InstanceOf<typeof AMT_SystemPowerScheme>): PowerPackage {
  return present({ id: instance.InstanceID, description: instance.Description, guidBase64: instance.SchemeGUID });
}

/** @param settings the associations that tell what is in force; left out when the device does not have the class */
export function toPowerPackages(
  schemes: readonly InstanceOf<typeof AMT_SystemPowerScheme>[],
  settings: readonly InstanceOf<typeof CIM_ElementSettingData>[] = [],
): PowerPackages {
  const packages = schemes.map(toPowerPackage);
  const inForce = settings.find(({ IsCurrent, SettingData }) => IsCurrent === 'is current' && SettingData.resource === 'AMT_SystemPowerScheme');
  return present({ packages, current: packages.find(({ id }) => id === inForce?.SettingData.selectors['InstanceID']) });
}
