import { INDICATOR_COMPONENTS, INDICATOR_STATES } from '../device/indicators.js';

type Shape = (value: unknown) => string | undefined;

const list = (item: (value: Record<string, unknown>) => boolean, what: string): Shape => (value) =>
  Array.isArray(value) && value.every((each) => isObject(each) && item(each)) ? undefined : `it must be a list of ${what}`;
const STATUSES: readonly string[] = ['ok', 'warning', 'critical', 'unknown'];
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const COMPONENTS: readonly string[] = INDICATOR_COMPONENTS;
const hasStates = (value: unknown): boolean => Array.isArray(value) && value.every((each) => (INDICATOR_STATES as readonly unknown[]).includes(each));
const text = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** What each reading call must yield, by its name. */
const SHAPES: Readonly<Record<string, Shape>> = {
  'secureBoot.read': (value) => (typeof value === 'boolean' ? undefined : 'it must be true or false'),
  'bootMode.read': (value) => (value === 'bios' || value === 'uefi' ? undefined : 'it must be bios or uefi'),
  'bootDevice.read': (value) => (isObject(value) && 'device' in value && 'persistent' in value ? undefined : 'it must have device and persistent'),
  'virtualMedia.read': list((each) => text(each['type']) && text(each['url']), 'media with type and url'),
  'httpBoot.read': (value) => (value === null || text(value) ? undefined : 'it must be an address, or null'),
  'sensors.read': list(
    (each) => text(each['name']) && text(each['kind']) && each['at'] instanceof Date && STATUSES.includes(String(each['status'])),
    'sensors with name, kind, status and date',
  ),
  'inventory.read': (value) => (isObject(value) ? undefined : 'it must be an object'),
  'bios.read': list((each) => text(each['name']) && 'value' in each, 'settings with name and value'),
  'raid.read': (value) => (isObject(value) ? undefined : 'it must be an object'),
  'firmware.read': list((each) => text(each['component']) && text(each['currentVersion']), 'components with a current version'),
  'indicators.list': list(
    (each) => text(each['name']) && COMPONENTS.includes(String(each['component'])) && typeof each['readonly'] === 'boolean' && hasStates(each['states']),
    'indicators with component, name, readonly and states',
  ),
  'eventLog.read': list(
    (each) => text(each['id']) && text(each['message']) && (each['at'] === null || each['at'] instanceof Date),
    'entries with id, date and message',
  ),
};

/** What is wrong with the shape of what a call yields; undefined when nothing is. */
export function shapeProblem(call: string, value: unknown): string | undefined {
  return SHAPES[call]?.(value);
}
