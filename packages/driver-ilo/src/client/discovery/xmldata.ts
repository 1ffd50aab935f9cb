import { normalizeMacAddress, Secret } from '@ferric/core';
import { childrenOf, elementAt, textAt, type RibclElement } from '../ribcl/wire/element.js';
import { parseDocument } from '../ribcl/wire/parse-document.js';
import { unreadable } from '../ribcl/wire/unreadable.js';

/** A network port, of the server or of the controller itself. */
export interface DiscoveredPort {
  readonly port: string | null;
  /** Names the card, or the controller: `iLO 4`. */
  readonly description: string | null;
  /** `Embedded` */
  readonly location: string | null;
  /** Lower case with colons. */
  readonly macAddress: string;
  readonly ipAddress: string | null;
}

/** What an iLO tells of itself and of its server to anybody. Null for what it does not tell. */
export interface DiscoveryData {
  /** `ProLiant DL380p Gen8` */
  readonly productName: string | null;
  /** Of the server. */
  readonly serialNumber: string | null;
  /** Of the server, as SMBIOS has it: `37333036-3831-5A43-3332-303538304A33`. */
  readonly uuid: string | null;
  readonly controller: {
    /** `Integrated Lights-Out 4 (iLO 4)` */
    readonly name: string | null;
    /** 4 for an iLO 4. */
    readonly generation: number | null;
    /** `1.82` */
    readonly firmwareVersion: string | null;
    readonly serialNumber: string | null;
    readonly uuid: string | null;
  };
  /** From iLO 4 on. */
  readonly networkPorts: readonly DiscoveredPort[];
}

/** The licence of the controller. */
export interface DiscoveredLicence {
  /** `iLO Advanced` */
  readonly name: string | null;
  readonly key: Secret | null;
  /** As the controller writes it: `Thu Nov 19 03:02:39 2015`. */
  readonly installDate: string | null;
}

/**
 * Reads the answer to `GET /xmldata?item=all`. Source: answers of iLO 3 and 4 (python-hpilo, tests/xml); proliantutils, ilo/ribcl.py.
 * @throws PROTOCOL_FAULT for anything else.
 */
export function parseDiscoveryData(text: string): DiscoveryData {
  const root = parseRoot(text, 'RIMP');
  const name = textAt(root, 'MP', 'PN') ?? null;
  return {
    productName: textAt(root, 'HSI', 'SPN') ?? null,
    serialNumber: textAt(root, 'HSI', 'SBSN') ?? null,
    uuid: textAt(root, 'HSI', 'CUUID') ?? null,
    controller: {
      name,
      generation: generationOf(name),
      firmwareVersion: textAt(root, 'MP', 'FWRI') ?? null,
      serialNumber: textAt(root, 'MP', 'SN') ?? null,
      uuid: textAt(root, 'MP', 'UUID') ?? null,
    },
    networkPorts: childrenOf(elementAt(root, 'HSI', 'NICS'), 'NIC').flatMap(readPort),
  };
}

/** Reads the answer to `GET /xmldata?item=CpqKey`. @throws PROTOCOL_FAULT for anything else. */
export function parseDiscoveredLicence(text: string): DiscoveredLicence {
  const root = parseRoot(text, 'PROLIANTKEY');
  const key = textAt(root, 'KEY');
  return { name: textAt(root, 'LNAME') ?? null, key: key === undefined ? null : new Secret(key), installDate: textAt(root, 'IDATE') ?? null };
}

function parseRoot(text: string, name: string): RibclElement {
  // Blanks before the declaration are not well-formed, and common.
  const root = parseDocument(text.trim());
  if (root.name !== name) throw unreadable(`it holds ${root.name} instead of ${name}`);
  return root;
}

function generationOf(name: string | null): number | null {
  const number = /\biLO ?(\d)\b/i.exec(name ?? '')?.[1] ?? /Lights-Out (\d)\b/i.exec(name ?? '')?.[1];
  return number === undefined ? null : Number(number);
}

function readPort(element: RibclElement): readonly DiscoveredPort[] {
  const macAddress = normalizeMacAddress(textAt(element, 'MACADDR') ?? '');
  if (macAddress === undefined) return [];
  return [{
    port: textAt(element, 'PORT') ?? null,
    description: textAt(element, 'DESCRIPTION') ?? null,
    location: textAt(element, 'LOCATION') ?? null,
    macAddress,
    ipAddress: /^[\d.]+$/.exec(textAt(element, 'IPADDR') ?? '')?.[0] ?? null,
  }];
}
