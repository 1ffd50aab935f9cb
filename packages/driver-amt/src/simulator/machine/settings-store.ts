import type { Fields, Value } from '../soap/value.js';

/** What was put, by class and instance. It outlives a restart of the machine, and of the management engine. */
export interface SettingsStore {
  /** The fields of an instance, with what was put in the place of what it is made with. */
  read(className: string, key: string, made: Fields): Fields;
  write(className: string, key: string, changes: Fields): void;
}

export function createSettingsStore(): SettingsStore {
  const kept = new Map<string, Record<string, Value>>();
  return {
    read: (className, key, made) => ({ ...made, ...kept.get(`${className} ${key}`) }),
    write(className, key, changes) {
      const id = `${className} ${key}`;
      kept.set(id, { ...kept.get(id), ...changes });
    },
  };
}
