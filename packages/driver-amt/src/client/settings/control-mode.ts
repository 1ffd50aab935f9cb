import type { AMT_SetupAndConfigurationService } from '../classes/amt-settings.js';
import type { InstanceOf } from '../classes/class-table.js';
import { present } from '../classes/present.js';

/**
 * How far the device may be controlled. In client control the user in front of the machine must agree to whatever changes its boot or shows its
 * screen. Source: Intel AMT Implementation and Reference Guide, "Control Modes".
 */
export interface ControlMode {
  /** `unknown`: a number that has no name yet, in `modeNumber`. */
  readonly mode: 'admin control' | 'client control' | 'not provisioned' | 'unknown';
  readonly modeNumber?: number;
  /** True: the device may provision itself with a server that has a trusted certificate. */
  readonly zeroTouch?: boolean;
}

export function toControlMode(instance: InstanceOf<typeof AMT_SetupAndConfigurationService>): ControlMode {
  const { ProvisioningMode: mode, ProvisioningState: state, ZeroTouchConfigurationEnabled: zeroTouch } = instance;
  if (state !== 'provisioned') return present({ mode: 'not provisioned' as const, zeroTouch });
  if (mode === 'admin control' || mode === 'client control') return present({ mode, zeroTouch });
  return present({ mode: 'unknown' as const, modeNumber: mode, zeroTouch });
}
