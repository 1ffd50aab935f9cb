export { findLink, findLinks, linkTarget, requireLink } from './links.js';
export { oem, oemKey } from './oem.js';
export { comparablePath, pathOf, samePath } from './paths.js';
export { isObject, reader, unexpectedValue, valueOf } from './readers.js';
export type { Place, Reader } from './readers.js';
export { inlineResource } from './resource.js';
export type { RedfishStyle, Resource } from './resource.js';
export { settingsPath, writablePath } from './writable.js';
