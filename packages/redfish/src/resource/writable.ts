import { linkTarget, findLink } from './links.js';
import { isObject, valueOf } from './readers.js';
import type { Resource } from './resource.js';

/** Path of the resource that takes the changes for this one and applies them later, such as with the next reset. DSP0266, "Settings resource". */
export function settingsPath(resource: Resource): string | undefined {
  const settings = valueOf(resource.body, '@Redfish.Settings');
  const standard = isObject(settings) ? linkTarget(valueOf(settings, 'SettingsObject'), resource.path, '@Redfish.Settings.SettingsObject') : undefined;
  return standard ?? findLink(resource, 'Settings');
}

/** Where a change has to be sent: to the resource itself when it says that it takes PATCH, else to its settings resource when it has one. */
export function writablePath(resource: Resource): string {
  if (resource.allow?.has('PATCH') === true) return resource.path;
  return settingsPath(resource) ?? resource.path;
}
