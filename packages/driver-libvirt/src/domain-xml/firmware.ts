import { FerricError, type BootModeName } from '@ferric/core';
import { attributeOf, childOf, childrenOf, elementAt, textOf } from './elements.js';
import type { XmlDocument, XmlElement } from './document.js';
import { appendChild, elementText, insertAfter, removeElement, setAttribute, type Edit } from './edits.js';
import { setMarks } from './marks.js';

/** Firmware as a definition asks for it. */
export interface FirmwareSetting {
  readonly mode: BootModeName;
  readonly secureBoot: boolean;
}

/** Architectures whose machines have a BIOS; all others start UEFI or something else. */
const BIOS_ARCHITECTURES: ReadonlySet<string> = new Set(['x86_64', 'i686']);

/** Machine types of x86 with the system management mode that guards the variables of secure boot. */
const SECURE_MACHINES = /(^|-)q35(-|$)/;

/** Names under which distributions ship UEFI firmware; for a loader that does not say what it is. */
const UEFI_LOADERS = /ovmf|aavmf|edk2|efi/i;

/**
 * What firmware the next start gets. What the definition leaves to the daemon is taken to be without secure boot; at the start, the daemon may
 * choose firmware with keys all the same.
 */
export function readFirmware(document: XmlDocument): FirmwareSetting {
  const isUefi = hasUefi(document);
  return { mode: isUefi ? 'uefi' : 'bios', secureBoot: isUefi && statedSecureBoot(document) === true };
}

/** Whether it starts by UEFI and does not say with or without secure boot: then the daemon chooses, and only a machine that runs shows what. */
export function leavesSecureBootOpen(document: XmlDocument): boolean {
  return hasUefi(document) && statedSecureBoot(document) === undefined;
}

/** Whether the daemon looks for firmware itself, and nothing says with or without secure boot. A loader that is given is not looked for. */
function isChosenFreely(document: XmlDocument): boolean {
  return attributeOf(childOf(document.root, 'os'), 'firmware') === 'efi' && leavesSecureBootOpen(document);
}

function hasUefi(document: XmlDocument): boolean {
  const os = childOf(document.root, 'os');
  const loader = childOf(os, 'loader');
  const automatic = attributeOf(os, 'firmware');
  const isPflash = attributeOf(loader, 'type') === 'pflash';
  return automatic === undefined ? isPflash || UEFI_LOADERS.test(textOf(loader) ?? '') : automatic === 'efi';
}

/** What is said by the features that the daemon chooses by, and by the loader that it has chosen or was given. */
function statedSecureBoot(document: XmlDocument): boolean | undefined {
  const os = childOf(document.root, 'os');
  const features = new Map(
    childrenOf(childOf(os, 'firmware'), 'feature').map((each) => [attributeOf(each, 'name'), attributeOf(each, 'enabled') === 'yes']),
  );
  const secure = attributeOf(childOf(os, 'loader'), 'secure');
  // The keys decide: secure firmware without any lets everything through.
  return features.get('enrolled-keys') ?? features.get('secure-boot') ?? (secure === undefined ? undefined : secure === 'yes');
}

/**
 * The edits that ask for another firmware, chosen by the daemon among those of its host (`os firmware='efi'`). The old choice, with the
 * file of its variables, goes; a mark says that the next start must begin with fresh variables. No edits when nothing changes and the definition
 * says with or without secure boot: what it leaves open is written down, since the daemon chooses anew at each start.
 * @param present what it gets without them
 * @throws UNSUPPORTED when the machine type or architecture has no such firmware.
 */
export function setFirmware(document: XmlDocument, wanted: FirmwareSetting, present: FirmwareSetting = readFirmware(document)): readonly Edit[] {
  if (present.mode === wanted.mode && present.secureBoot === wanted.secureBoot && !isChosenFreely(document)) return [];
  const os = childOf(document.root, 'os');
  checkMachine(document, wanted);
  if (os === undefined) throw unsupported('it has no machine type', 'Look at its definition.');
  const old = ['loader', 'nvram', 'firmware'].flatMap((name) => childrenOf(os, name)).map((element) => removeElement(document, element));
  if (wanted.mode === 'bios') return [...old, ...setAttribute(document, os, 'firmware', undefined), ...setMarks(document, { 'reset-nvram': null })];
  return [
    ...old,
    ...setAttribute(document, os, 'firmware', 'efi'),
    addFeatures(document, os, wanted.secureBoot),
    ...(isX86(document) ? addMachineFeatures(document, os, wanted) : []),
    ...setMarks(document, { 'reset-nvram': { firmware: 'efi' } }),
  ];
}

function addFeatures(document: XmlDocument, os: XmlElement, secure: boolean): Edit {
  const enabled = secure ? 'yes' : 'no';
  // With keys, the firmware verifies; the feature alone would only mean that it could. Source: libvirt, docs/kbase/secureboot.rst.
  const features = ['enrolled-keys', 'secure-boot'].map((name) => elementText('feature', { enabled, name }));
  const xml = ['<firmware>', ...features.map((feature) => `  ${feature}`), '</firmware>'].join('\n');
  const type = childOf(os, 'type');
  return type === undefined ? appendChild(document, os, xml) : insertAfter(document, type, xml);
}

/** Adds what UEFI needs of a machine of x86. Source: libvirt 9.0.0, src/qemu/qemu_validate.c, "UEFI requires ACPI" and "Secure boot requires SMM". */
function addMachineFeatures(document: XmlDocument, os: XmlElement, { secureBoot }: FirmwareSetting): readonly Edit[] {
  const features = childOf(document.root, 'features');
  const acpi = childOf(features, 'acpi');
  const managementMode = childOf(features, 'smm');
  const missing = [
    ...(acpi === undefined ? [elementText('acpi')] : []),
    ...(secureBoot && managementMode === undefined ? [elementText('smm', { state: 'on' })] : []),
  ];
  const isOff = secureBoot && managementMode !== undefined && attributeOf(managementMode, 'state') !== 'on';
  const switched = isOff ? setAttribute(document, managementMode, 'state', 'on') : [];
  if (missing.length === 0) return switched;
  if (features !== undefined) return [...switched, appendChild(document, features, missing.join('\n'))];
  return [insertAfter(document, os, ['<features>', ...missing.map((line) => `  ${line}`), '</features>'].join('\n'))];
}

function checkMachine(document: XmlDocument, wanted: FirmwareSetting): void {
  const type = elementAt(document.root, 'os', 'type');
  const architecture = attributeOf(type, 'arch') ?? 'an unknown architecture';
  const machine = attributeOf(type, 'machine') ?? '';
  if (wanted.mode === 'bios' && !BIOS_ARCHITECTURES.has(architecture)) throw unsupported(`${architecture} has no BIOS`, 'Leave the boot mode as it is.');
  if (wanted.secureBoot && isX86(document) && !SECURE_MACHINES.test(machine)) {
    throw unsupported(`its machine type ${machine} has no system management mode`, 'Define the domain anew with the machine type q35.');
  }
}

function isX86(document: XmlDocument): boolean {
  return BIOS_ARCHITECTURES.has(attributeOf(elementAt(document.root, 'os', 'type'), 'arch') ?? '');
}

function unsupported(reason: string, hint: string): FerricError {
  return new FerricError('UNSUPPORTED', `The firmware of this domain cannot be changed like this: ${reason}`, { details: { step: 'firmware' }, hint });
}
