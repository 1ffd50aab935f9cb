import type { MediaBootOption, MediaDrive } from '../machine/media.js';
import type { Machine } from '../machine/machine.js';
import { refuse } from '../outcome.js';
import { changeLicence, licenceName, showLicenceKey } from '../rest/licence-service.js';
import { type Command, type Commands, documentOf, valueOf, yesOrNo } from './command.js';
import { attribute, elementWith, leaf, nest } from './documents.js';
import { eventLog } from './logs.js';
import type { RequestElement } from './request-tree.js';

// Commands of the group RIB_INFO. Source: HPE iLO 4 scripting guide; recorded answers.

const DRIVES: Readonly<Record<string, MediaDrive>> = { FLOPPY: 'floppy', CDROM: 'cdrom' };

/** The drive that is meant; the floppy when nothing is said. */
function driveOf(element: RequestElement): MediaDrive | undefined {
  return DRIVES[element.attributes['DEVICE'] ?? 'FLOPPY'];
}

const INVALID_MEDIA = { status: 0x0035, message: 'An invalid Virtual Media option has been given' };

function mediaStatus(machine: Machine, kind: MediaDrive): string {
  const drive = machine.media[kind];
  return elementWith('GET_VM_STATUS', {
    // What is connected through a script does not count as connected through the applet, but proves to be connected.
    VM_APPLET: drive.image !== undefined && drive.isConnected ? 'CONNECTED' : 'DISCONNECTED',
    DEVICE: kind === 'cdrom' ? 'CDROM' : 'FLOPPY',
    BOOT_OPTION: drive.bootOption,
    WRITE_PROTECT: drive.isWriteProtected ? 'YES' : 'NO',
    IMAGE_INSERTED: drive.image === undefined ? 'NO' : 'YES',
    IMAGE_URL: drive.image ?? '',
  });
}

const insertMedia: Command = {
  writes: true,
  run({ machine, caller }, element) {
    const kind = driveOf(element);
    const url = element.attributes['IMAGE_URL'];
    if (kind === undefined) return INVALID_MEDIA;
    if (url === undefined || url === '') return documentOf(refuse('missing property', 'IMAGE_URL'));
    return documentOf(
      caller.perform('insert media', () => (machine.licence.kind === 'advanced' ? machine.media.insert(kind, url, { overwrite: true, connect: false }) : refuse('no licence'))),
    );
  },
};

const BOOT_OPTIONS: readonly string[] = ['NO_BOOT', 'BOOT_ONCE', 'BOOT_ALWAYS'] satisfies readonly MediaBootOption[];

const setMedia: Command = {
  writes: true,
  run({ machine, caller }, element) {
    const kind = driveOf(element);
    const option = (valueOf(element, 'VM_BOOT_OPTION') ?? '').toUpperCase();
    const isProtected = yesOrNo(valueOf(element, 'VM_WRITE_PROTECT'));
    if (kind === undefined || (option !== '' && option !== 'CONNECT' && option !== 'DISCONNECT' && !BOOT_OPTIONS.includes(option))) return INVALID_MEDIA;
    return documentOf(
      caller.perform('set media', () => {
        const drive = machine.media[kind];
        if (drive.image === undefined) return refuse('no media');
        if (option === 'CONNECT' || option === 'DISCONNECT') drive.isConnected = option === 'CONNECT';
        else if (option !== '') drive.bootOption = option as MediaBootOption;
        drive.isWriteProtected = isProtected ?? drive.isWriteProtected;
        return undefined;
      }),
    );
  },
};

/** Writes an image that was uploaded before. */
const updateFirmware: Command = {
  writes: true,
  run({ machine, caller }, element) {
    const image = element.attributes['IMAGE_LOCATION'];
    if (image === undefined) return documentOf(refuse('missing property', 'IMAGE_LOCATION'));
    const steps = ['RIB flash has started. The management processor will reset when it is done.', '25 percent', '50 percent', '75 percent', '100 percent'];
    return documentOf(caller.perform('update firmware', () => machine.firmware.update(image)), { payload: steps.map((step) => `<INFORM>${step}</INFORM>`).join('\n') });
  },
};

export const RIB_COMMANDS: Commands = {
  GET_FW_VERSION: {
    run: ({ machine }) => {
      const { facts, firmwareVersion } = machine.identity;
      const attributes = {
        FIRMWARE_VERSION: machine.firmware.component('ilo')?.version ?? firmwareVersion,
        FIRMWARE_DATE: facts.firmwareDate,
        MANAGEMENT_PROCESSOR: `iLO${facts.iloNumber}`,
        LICENSE_TYPE: licenceName(machine),
      };
      const lines = Object.entries(attributes).map(([name, value]) => `   ${name} = "${attribute(value)}"\n`);
      return { payload: `<GET_FW_VERSION\n${lines.join('')}    />` };
    },
  },
  GET_ALL_LICENSES: {
    run: ({ machine }) => ({
      payload: nest(
        'GET_ALL_LICENSES',
        nest(
          'LICENSE',
          leaf('LICENSE_TYPE', licenceName(machine)),
          leaf('LICENSE_KEY', showLicenceKey(machine)),
          leaf('LICENSE_INSTALL_DATE', machine.licence.installedAt.toUTCString()),
          leaf('LICENSE_CLASS', machine.licence.kind === 'advanced' ? 'FQL' : 'BASE'),
        ),
      ),
    }),
  },
  LICENSE: {
    writes: true,
    run: ({ machine, caller }, element) =>
      documentOf(
        caller.perform('activate licence', () => {
          if (element.children.some(({ name }) => name === 'DEACTIVATE')) {
            machine.licence.kind = 'standard';
            return undefined;
          }
          return changeLicence(machine, element.children.find(({ name }) => name === 'ACTIVATE')?.attributes['KEY']);
        }),
      ),
  },
  GET_VM_STATUS: {
    run({ machine }, element) {
      const kind = driveOf(element);
      return kind === undefined ? INVALID_MEDIA : { payload: mediaStatus(machine, kind) };
    },
  },
  INSERT_VIRTUAL_MEDIA: insertMedia,
  EJECT_VIRTUAL_MEDIA: {
    writes: true,
    run({ machine, caller }, element) {
      const kind = driveOf(element);
      return kind === undefined ? INVALID_MEDIA : documentOf(caller.perform('eject media', () => machine.media.eject(kind)));
    },
  },
  SET_VM_STATUS: setMedia,
  RESET_RIB: {
    writes: true,
    run({ controller, caller }) {
      const outcome = caller.perform('reset ilo', () => {
        controller.reset();
        return undefined;
      });
      return documentOf(outcome, { payload: '<INFORM>Integrated Lights-Out will reset at the end of the script.</INFORM>' });
    },
  },
  GET_EVENT_LOG: { run: ({ machine }) => ({ payload: eventLog(machine.iloLog) }) },
  CLEAR_EVENTLOG: {
    writes: true,
    run: ({ machine, caller }) =>
      documentOf(
        caller.perform('clear log', () => {
          machine.iloLog.clear();
          return undefined;
        }),
      ),
  },
  GET_NETWORK_SETTINGS: {
    run: ({ machine }) => ({
      payload: nest(
        'GET_NETWORK_SETTINGS',
        leaf('ENABLE_NIC', 'Y'),
        leaf('SHARED_NETWORK_PORT', 'N'),
        leaf('SPEED_AUTOSELECT', 'Y'),
        leaf('MAC_ADDRESS', '52:54:00:ff:00:01'),
        leaf('DHCP_ENABLE', 'N'),
        leaf('IP_ADDRESS', '192.0.2.10'),
        leaf('SUBNET_MASK', '255.255.255.0'),
        leaf('GATEWAY_IP_ADDRESS', '192.0.2.1'),
        leaf('DNS_NAME', `ILO${machine.identity.serialNumber}`),
      ),
    }),
  },
  // The answer to an update says whether a TPM stops it.
  TPM_ENABLED: { writes: true, run: () => ({}) },
  UPDATE_RIB_FIRMWARE: updateFirmware,
  UPDATE_FIRMWARE: updateFirmware,
};
