import { type CallOptions, errorCode, FerricError } from '@ferric/core';
import { oem, oemKey, reader, type RedfishClient, type Resource } from '@ferric/redfish';
import type { DiscoveryData } from '../discovery/index.js';
import type { BackEndName, IloIdentity } from '../ilo-client.js';
import type { RibclFirmwareVersion } from '../ribcl/index.js';

/** The questions by which a controller is told, none of which needs a login but the last. */
export interface Probes {
  readonly address: string;
  readonly rest: (name: 'redfish' | 'ris') => Pick<RedfishClient, 'root'>;
  readonly discovery: (options: CallOptions) => Promise<DiscoveryData>;
  readonly firmwareVersion: (options: CallOptions) => Promise<RibclFirmwareVersion>;
}

/** What the probes showed. */
export interface Detected {
  readonly identity: IloIdentity;
  /** False when a controller that is just starting would show the same: its services come one after the other. */
  readonly isConclusive: boolean;
}

/** From here on Redfish is always there. Source: HPE iLO 5 User Guide. */
const FIRST_ILO_WITH_REDFISH = 5;
/** From here on an iLO 4 has RIS. Source: HPE iLO 4 release notes, 2.00. */
const FIRST_ILO_4_WITH_RIS = 2;

/** What speaks RIBCL. iLO 5 may have it switched off, which is found out when it is used. */
const RIBCL_ILOS: ReadonlySet<number> = new Set([3, 4, 5]);

/**
 * Finds out what the controller is, stopping at the first answer that is conclusive. Only an answer by which the controller says that something is not
 * there counts as its absence; no connection, a refused login and the like end it, since they say nothing about protocols.
 * Sources: HPE iLO RESTful API, "Adapting from iLO 4"; proliantutils, ilo/ribcl.py, for xmldata.
 * @throws UNSUPPORTED when it is no iLO, or one that cannot be spoken to; BUSY when its services are not all there yet
 */
export async function detect(probes: Probes, options: CallOptions): Promise<Detected> {
  const redfish = await ifThere(() => probes.rest('redfish').root(options));
  const told = redfish === undefined ? undefined : readServiceRoot(redfish);
  if (told !== undefined && told.ilo !== 4) return conclusive(identityOf(told.ilo, told.firmwareVersion, ['redfish']));
  const ris = await ifThere(() => probes.rest('ris').root(options));
  // The Redfish of iLO 4 repeats what RIS offers, and less.
  const rest: readonly BackEndName[] = ris !== undefined ? ['ris'] : redfish !== undefined ? ['redfish'] : [];
  if (told !== undefined) return { identity: identityOf(told.ilo, told.firmwareVersion, rest), isConclusive: ris !== undefined };
  if (ris !== undefined) {
    const { ilo, firmwareVersion } = readServiceRoot(ris);
    return conclusive(identityOf(ilo ?? 4, firmwareVersion, rest));
  }
  // An operator can switch it off: that it is not there proves nothing.
  const discovered = await ifThere(() => probes.discovery(options));
  if (discovered?.controller.generation !== undefined && discovered.controller.generation !== null) {
    return withoutRest(probes.address, discovered.controller.generation, discovered.controller.firmwareVersion);
  }
  const version = await ifThere(() => probes.firmwareVersion(options));
  if (version === undefined) throw noIlo(probes.address);
  return withoutRest(probes.address, numberOf(version.managementProcessor), version.version);
}

function conclusive(identity: IloIdentity): Detected {
  return { identity, isConclusive: true };
}

/** One that shows neither Redfish nor RIS. @throws BUSY when it must have Redfish */
function withoutRest(address: string, ilo: number | null, firmwareVersion: string | null): Detected {
  if (ilo !== null && ilo >= FIRST_ILO_WITH_REDFISH) {
    throw new FerricError('BUSY', `The iLO ${ilo} at ${address} does not show its Redfish service`, {
      details: { address, ilo },
      hint: 'It is starting: try again in a minute.',
    });
  }
  const major = Number.parseInt(firmwareVersion ?? '', 10);
  return { identity: identityOf(ilo, firmwareVersion, ['ribcl']), isConclusive: ilo === 3 || (ilo === 4 && major < FIRST_ILO_4_WITH_RIS) };
}

interface Told {
  readonly ilo: number | null;
  readonly firmwareVersion: string | null;
}

/** What the vendor wrote into the service root: `Oem.Hpe.Manager[0].ManagerType`, `iLO 5`. @throws UNSUPPORTED for the root of another vendor */
function readServiceRoot(root: Resource): Told {
  const [manager] = reader(oem(root.body), root.path, 'Oem.').children('Manager');
  const ilo = numberOf(manager?.text('ManagerType'));
  const firmwareVersion = manager?.text('ManagerFirmwareVersion') ?? null;
  if (ilo !== null) return { ilo, firmwareVersion };
  const key = oemKey(root.body);
  if (key !== undefined) return { ilo: key === 'Hp' ? 4 : null, firmwareVersion };
  throw new FerricError('UNSUPPORTED', 'The controller speaks Redfish, and is no iLO', {
    details: { resource: root.path },
    hint: 'Use the hardware type redfish for it.',
  });
}

/** 5 for `iLO 5`, 4 for `iLO4`. */
function numberOf(text: string | null | undefined): number | null {
  const digits = /iLO ?(\d)\b/i.exec(text ?? '')?.[1];
  return digits === undefined ? null : Number(digits);
}

function identityOf(ilo: number | null, firmwareVersion: string | null, rest: readonly BackEndName[]): IloIdentity {
  const hasRibcl = ilo === null ? rest.length === 0 || rest.includes('ribcl') : RIBCL_ILOS.has(ilo);
  const others = rest.filter((name) => name !== 'ribcl');
  return { ilo, name: ilo === null ? 'iLO' : `iLO ${ilo}`, firmwareVersion, backEnds: hasRibcl ? [...others, 'ribcl'] : others };
}

/** Undefined when the controller says that there is no such thing. */
async function ifThere<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    // Something else than discovery data at its path: another kind of controller.
    if (['UNSUPPORTED', 'NOT_FOUND'].includes(errorCode(error)) && !isTooOld(error)) return undefined;
    throw error;
  }
}

/** TLS that cannot be spoken: every other question would end the same way. */
function isTooOld(error: unknown): boolean {
  return FerricError.is(error) && error.details['profile'] !== undefined;
}

function noIlo(address: string): FerricError {
  return new FerricError('UNSUPPORTED', `What answers at ${address} speaks neither Redfish nor RIS nor RIBCL`, {
    details: { address },
    hint: 'It may be no iLO, an iLO 2 or older, or an iLO whose interfaces are switched off in its access settings.',
  });
}
