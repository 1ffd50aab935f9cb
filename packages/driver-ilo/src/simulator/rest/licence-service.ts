import type { Machine } from '../machine/machine.js';
import { type Outcome, refuse } from '../outcome.js';

/** Five groups of five, as every key looks. */
const KEY = /^[A-Z0-9]{5}(-[A-Z0-9]{5}){4}$|^[A-Z0-9]{25}$/;

/** Any key of the right form brings the better licence. */
export function changeLicence(machine: Machine, key: string | undefined): Outcome {
  if (key === undefined) return refuse('missing property', 'LicenseKey');
  if (!KEY.test(key)) return refuse('wrong licence key');
  machine.licence.kind = 'advanced';
  machine.licence.installedAt = machine.clock.now();
  return undefined;
}

export function licenceName({ identity, licence }: Machine): string {
  const name = `iLO ${identity.facts.iloNumber}`;
  if (licence.kind === 'standard') return identity.facts.iloNumber === 4 ? `${name} Standard` : 'iLO Standard';
  return identity.facts.iloNumber === 4 ? `${name} Advanced` : 'iLO Advanced';
}

/** The key is never shown whole; there is none without a licence. */
export function showLicenceKey({ licence }: Machine): string {
  return licence.kind === 'standard' ? '' : 'XXXXX-XXXXX-XXXXX-XXXXX-XXXXX';
}
