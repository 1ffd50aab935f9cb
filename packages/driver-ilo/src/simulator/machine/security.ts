import type { Accounts } from './accounts.js';
import type { SecureBoot } from './secure-boot.js';

/** One line of the security dashboard. */
export interface SecurityParameter {
  readonly id: string;
  readonly name: string;
  isIgnored: boolean;
  /** Whether it is as it should be, and how it is. */
  readonly state: () => { readonly isSound: boolean; readonly text: string };
}

/** How safe the iLO is set up, as its security dashboard shows it. Source: HPE iLO 5 RESTful API, SecurityService. */
export class Security {
  requiresRbsuLogin = false;
  requiresHostAuthentication = false;
  isIpmiOn = false;
  readonly parameters: readonly SecurityParameter[];

  constructor(accounts: Accounts, secureBoot: SecureBoot | undefined) {
    const lines: readonly (readonly [string, () => boolean, (isSound: boolean) => string])[] = [
      ['Security Override Switch', () => true, () => 'Off'],
      ['IPMI/DCMI Over LAN', () => !this.isIpmiOn, (isSound) => (isSound ? 'Disabled' : 'Enabled')],
      ['Minimum Password Length', () => accounts.minimumPasswordLength >= 8, (isSound) => (isSound ? 'Ok' : 'Insufficient')],
      ['Require Login for iLO RBSU', () => this.requiresRbsuLogin, onOff],
      ['Authentication Failure Logging', () => accounts.failureLoggingThreshold > 0, onOff],
      ['Secure Boot', () => secureBoot?.isOn === true, onOff],
      ['Password Complexity', () => accounts.enforcesComplexity, onOff],
      ['Last Firmware Scan Result', () => true, () => 'Ok'],
      ['Require Host Authentication', () => this.requiresHostAuthentication, onOff],
    ];
    this.parameters = lines.map(([name, isSound, describe], index) => ({
      id: String(index),
      name,
      isIgnored: false,
      state: () => ({ isSound: isSound(), text: describe(isSound()) }),
    }));
  }

  /** `Ok` when nothing that counts is amiss. */
  get overall(): 'Ok' | 'Risk' {
    return this.parameters.every((parameter) => parameter.isIgnored || parameter.state().isSound) ? 'Ok' : 'Risk';
  }
}

const onOff = (isOn: boolean): string => (isOn ? 'Enabled' : 'Disabled');
