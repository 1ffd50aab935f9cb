import { LEGACY_DEVICES, type LegacyDevice, NO_OVERRIDE, type OverrideTarget } from '../machine/boot.js';
import type { Machine } from '../machine/machine.js';
import { refuse } from '../outcome.js';
import { type Command, type Commands, documentOf, DONE, valueOf, yesOrNo } from './command.js';
import { attribute, elementWith, leaf, nest, type RibclDocument } from './documents.js';
import { embeddedHealth } from './health.js';
import { hostData } from './host-data.js';
import { eventLog } from './logs.js';

// Commands of the group SERVER_INFO. Source: HPE iLO 4 scripting guide; recorded answers.

const MODE_WORDS = { bios: 'LEGACY', uefi: 'UEFI' } as const;
const SUPPORTED_WORDS = { bios: 'LEGACY_ONLY', uefi: 'UEFI_ONLY', both: 'LEGACY_UEFI' } as const;

/** What one start can be made from, and the target of the override that means the same. */
const ONE_TIME: Readonly<Record<string, OverrideTarget>> = {
  NORMAL: 'None', CDROM: 'Cd', FLOPPY: 'Usb', HDD: 'Hdd', USB: 'Usb', NETWORK: 'Pxe', RBSU: 'BiosSetup', UEFI_SHELL: 'UefiShell',
};

/** What it reads when nothing is set: not in capitals like the others. Source: recorded answers of iLO 3 and 4. */
const NO_ONE_TIME = 'Normal';

/** Firmware of machines that only boot in BIOS mode does not know the commands for it. */
function withModes(name: string, command: Command): Command {
  return {
    ...command,
    run: (context, element) =>
      context.machine.identity.generation === 'gen8' && context.machine.identity.bootModes === 'bios' ? documentOf(refuse('not supported', name)) : command.run(context, element),
  };
}

const reading = (make: (machine: Machine) => string): Command => ({ run: ({ machine }) => ({ payload: make(machine) }) });

const already = (isOn: boolean): RibclDocument => ({ message: `Host power is already ${isOn ? 'ON' : 'OFF'}.` });

function oneTimeBoot({ boot }: Machine): string {
  const { override } = boot;
  const words = Object.keys(ONE_TIME);
  const known = override.enabled === 'Once' && override.target !== 'None' ? words.find((word) => ONE_TIME[word] === override.target) : undefined;
  const entry = boot.sources.find(({ name, devicePath }) => override.enabled === 'Once' && (name === override.uefiTarget || devicePath === override.uefiTarget));
  const value = entry === undefined ? (known ?? NO_ONE_TIME) : `Boot${entry.number}`;
  return nest('ONE_TIME_BOOT', `<BOOT_TYPE VALUE="${value}"/>`);
}

function persistentBoot({ boot, bios }: Machine): string {
  if (bios.mode === 'bios') return nest('PERSISTENT_BOOT', ...boot.legacyOrder.map((device) => `<DEVICE value="${device}"/>`));
  return nest('PERSISTENT_BOOT', ...boot.orderedSources.map(({ number, text }) => `<DEVICE value="Boot${number}"\n        DESCRIPTION="${attribute(text)}"/>`));
}

const setOneTimeBoot: Command = {
  writes: true,
  run({ machine, caller }, element) {
    const word = (valueOf(element) ?? '').toUpperCase();
    const target = ONE_TIME[word];
    const entry = machine.boot.sources.find(({ number }) => `BOOT${number}` === word);
    if (target === undefined && entry === undefined) return documentOf(refuse('value not allowed', word));
    return documentOf(
      caller.perform('set boot override', () => {
        if (entry !== undefined) machine.boot.override = { enabled: 'Once', target: 'UefiTarget', uefiTarget: entry.name };
        else machine.boot.override = target === undefined || target === 'None' ? NO_OVERRIDE : { enabled: 'Once', target, uefiTarget: 'None' };
        return undefined;
      }),
    );
  },
};

const setPersistentBoot: Command = {
  writes: true,
  run({ machine, caller }, element) {
    const words = element.children.filter(({ name }) => name === 'DEVICE').map((device) => (valueOf(device) ?? '').toUpperCase());
    if (words.length === 0) return documentOf(refuse('missing property', 'DEVICE'));
    const { boot, bios } = machine;
    if (bios.mode === 'bios') {
      const devices = words.map((word) => LEGACY_DEVICES.find((device) => device === word));
      const unknown = devices.indexOf(undefined);
      if (unknown >= 0) return documentOf(refuse('value not allowed', words[unknown] ?? ''));
      const known = devices.filter((device): device is LegacyDevice => device !== undefined);
      return documentOf(
        caller.perform('set boot order', () => {
          boot.legacyOrder = [...known, ...boot.legacyOrder.filter((device) => !known.includes(device))];
          return undefined;
        }),
      );
    }
    const sources = words.map((word) => boot.sources.find(({ number }) => `BOOT${number}` === word));
    const unknown = sources.indexOf(undefined);
    if (unknown >= 0) return documentOf(refuse('value not allowed', words[unknown] ?? ''));
    return documentOf(
      caller.perform('set boot order', () => {
        // RIBCL shows a new order at once.
        boot.reorder(sources.flatMap((source) => (source === undefined ? [] : [source.name])));
        boot.discover(boot.sources);
        return undefined;
      }),
    );
  },
};

const setHostPower: Command = {
  writes: true,
  run({ machine: { power }, caller }, element) {
    const wanted = yesOrNo(element.attributes['HOST_POWER']);
    if (wanted === undefined) return documentOf(refuse('missing property', 'HOST_POWER'));
    const isThere = wanted === power.isOn;
    // Off is asked for as politely as by the button.
    const outcome = caller.perform(wanted ? 'power on' : 'press power button', () => (isThere ? undefined : power.press()));
    return documentOf(outcome, isThere ? already(wanted) : DONE);
  },
};

const holdButton: Command = {
  writes: true,
  run({ machine: { power }, caller }, element) {
    const mayToggle = yesOrNo(element.attributes['TOGGLE']) !== false;
    const wasOn = power.isOn;
    const outcome = caller.perform('power off', () => {
      if (power.isOn) return power.switchOff();
      return mayToggle ? power.switchOn() : undefined;
    });
    return documentOf(outcome, wasOn || mayToggle ? DONE : already(false));
  },
};

const restart = (done: RibclDocument): Command => ({
  writes: true,
  run: ({ machine: { power }, caller }) => documentOf(caller.perform('reset server', () => power.restart()), done),
});

export const SERVER_COMMANDS: Commands = {
  GET_PRODUCT_NAME: reading(({ identity }) => nest('GET_PRODUCT_NAME', `  <PRODUCT_NAME VALUE ="${attribute(identity.productName)}"/>`)),
  GET_SERVER_NAME: reading(({ serverName }) => `<SERVER_NAME VALUE="${attribute(serverName)}" />`),
  // The name of the command that writes it has no verb.
  SERVER_NAME: {
    writes: true,
    run: ({ machine, caller }, element) =>
      documentOf(
        caller.perform('set server name', () => {
          machine.serverName = valueOf(element) ?? '';
          return undefined;
        }),
      ),
  },
  GET_HOST_POWER_STATUS: reading(({ power }) => elementWith('GET_HOST_POWER', { HOST_POWER: power.isOn ? 'ON' : 'OFF' })),
  SET_HOST_POWER: setHostPower,
  PRESS_PWR_BTN: { writes: true, run: ({ machine: { power }, caller }) => documentOf(caller.perform('press power button', () => power.press())) },
  HOLD_PWR_BTN: holdButton,
  RESET_SERVER: restart({ message: 'Server being reset.' }),
  COLD_BOOT_SERVER: restart(DONE),
  WARM_BOOT_SERVER: restart(DONE),
  GET_ONE_TIME_BOOT: reading(oneTimeBoot),
  SET_ONE_TIME_BOOT: setOneTimeBoot,
  GET_PERSISTENT_BOOT: reading(persistentBoot),
  SET_PERSISTENT_BOOT: setPersistentBoot,
  GET_CURRENT_BOOT_MODE: withModes('GET_CURRENT_BOOT_MODE', reading(({ bios }) => nest('GET_CURRENT_BOOT_MODE', `<BOOT_MODE VALUE="${MODE_WORDS[bios.mode]}"/>`))),
  GET_PENDING_BOOT_MODE: withModes('GET_PENDING_BOOT_MODE', reading(({ bios }) => nest('GET_PENDING_BOOT_MODE', `<BOOT_MODE VALUE="${MODE_WORDS[bios.pendingMode]}"/>`))),
  GET_SUPPORTED_BOOT_MODE: withModes(
    'GET_SUPPORTED_BOOT_MODE',
    reading(({ identity }) => nest('GET_SUPPORTED_BOOT_MODE', `<SUPPORTED_BOOT_MODE VALUE="${SUPPORTED_WORDS[identity.bootModes]}"/>`)),
  ),
  SET_PENDING_BOOT_MODE: withModes('SET_PENDING_BOOT_MODE', {
    writes: true,
    run({ machine, caller }, element) {
      const word = (valueOf(element) ?? '').toUpperCase();
      if (word !== 'UEFI' && word !== 'LEGACY') return documentOf(refuse('value not allowed', word));
      return documentOf(caller.perform('set boot mode', () => machine.bios.changeMode(word === 'UEFI' ? 'uefi' : 'bios', machine.supportedModes)));
    },
  }),
  GET_POWER_READINGS: reading(({ hardware: { consumption }, power }) =>
    nest(
      'GET_POWER_READINGS',
      ...(['present', 'average', 'maximum', 'minimum'] as const).map((name) => leaf(`${name.toUpperCase()}_POWER_READING`, power.isOn ? consumption[name] : 0, 'Watts')),
    ),
  ),
  GET_EMBEDDED_HEALTH: reading(embeddedHealth),
  GET_HOST_DATA: reading(hostData),
  GET_EVENT_LOG: reading(({ managementLog }) => eventLog(managementLog)),
  CLEAR_IML: {
    writes: true,
    run: ({ machine, caller }) =>
      documentOf(
        caller.perform('clear log', () => {
          machine.managementLog.clear();
          return undefined;
        }),
      ),
  },
  GET_UID_STATUS: reading(({ identifyLight }) => `<GET_UID_STATUS UID="${identifyLight.toUpperCase()}"/>`),
  UID_CONTROL: {
    writes: true,
    run({ machine, caller }, element) {
      const isOn = yesOrNo(element.attributes['UID']);
      if (isOn === undefined) return documentOf(refuse('missing property', 'UID'));
      return documentOf(
        caller.perform('set identify light', () => {
          machine.identifyLight = isOn ? 'On' : 'Off';
          return undefined;
        }),
      );
    },
  },
};
