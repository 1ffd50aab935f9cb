import { Secret } from '@ferric/core';
import { readCommand, writeCommand, type RibclAcknowledgement, type RibclCommand } from '../command.js';
import { childrenOf, valueAt, type RibclElement } from '../wire/element.js';
import { textOrNull } from './facts.js';
import { checkInputs, secretIssue } from './inputs.js';

/** One licence of the controller. */
export interface RibclLicence {
  /** `iLO 3 Advanced` */
  readonly type: string;
  readonly key: Secret | null;
  /** As the controller writes it: `Wed Mar  4 18:02:05 2015`. */
  readonly installDate: string | null;
  /** `FQL` */
  readonly class: string | null;
}

const LONGEST_KEY = 64;

/** The licences of the controller. Source: HPE iLO 4 Scripting and Command Line Guide, GET_ALL_LICENSES. */
export function readLicences(): RibclCommand<readonly RibclLicence[]> {
  return readCommand('GET_ALL_LICENSES', { group: 'RIB_INFO' }, (payload) => childrenOf(payload, 'LICENSE').map(readLicence));
}

/**
 * Activates a licence. A wrong key is refused with reason `licence`. Source: same guide, LICENSE.
 * @throws INVALID_OPTIONS for a key that cannot be one.
 */
export function activateLicence(key: Secret): RibclCommand<RibclAcknowledgement> {
  checkInputs('Licence', [secretIssue('key', key, LONGEST_KEY)]);
  return writeCommand('LICENSE', { group: 'RIB_INFO', children: [{ name: 'ACTIVATE', attributes: { KEY: key } }] });
}

function readLicence(element: RibclElement): RibclLicence {
  const key = valueAt(element, 'LICENSE_KEY');
  return {
    type: valueAt(element, 'LICENSE_TYPE') ?? '',
    key: key === undefined || key === '' ? null : new Secret(key),
    installDate: textOrNull(valueAt(element, 'LICENSE_INSTALL_DATE')),
    class: textOrNull(valueAt(element, 'LICENSE_CLASS')),
  };
}
