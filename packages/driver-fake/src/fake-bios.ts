import type { Bios } from '@ferric/core';
import { checkSettings, presentSettings, rememberedSettings } from './fake-bios-settings.js';
import { timeLeft, type PerformAction } from './fake-call.js';
import { asObject } from './fake-document.js';
import type { FakeMachine } from './fake-machine.js';

/** Firmware settings that take effect at once. */
export function createFakeBios(machine: FakeMachine, perform: PerformAction): Bios {
  return {
    read: (options) => perform('read bios', options, async (deadline) => presentSettings(asObject(await machine.readSetting('bios', timeLeft(deadline))))),
    async apply(settings, options) {
      checkSettings(settings);
      await perform('apply bios', options, async (deadline) => {
        const before = asObject(await machine.readSetting('bios', timeLeft(deadline)));
        await machine.changeSetting('bios', { ...before, ...rememberedSettings(settings) }, timeLeft(deadline));
      });
    },
    factoryReset: (options) => perform('reset bios', options, (deadline) => machine.changeSetting('bios', null, timeLeft(deadline))),
  };
}
