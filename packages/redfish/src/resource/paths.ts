/** Longer than any link that a controller was seen to give. */
const LONGEST_PATH = 2048;

/**
 * The path of a link or a Location header, with its query and without its fragment; undefined for what cannot be sent as a path. Of a link with a
 * host only the path counts: it is asked of the controller that gave it, wherever that believes to be.
 */
export function pathOf(link: string): string | undefined {
  if (link.length > LONGEST_PATH) return undefined;
  const absolute = /^https?:\/\/[^/?#]+(?<rest>.*)$/i.exec(link);
  const [path = ''] = (absolute === null ? link : (absolute.groups?.['rest'] ?? '')).split('#');
  const rooted = absolute !== null && path === '' ? '/' : path;
  // Two slashes would begin a host; other signs have to be escaped by whoever gives the link: RFC 3986, section 3.3.
  return /^\/(?!\/)[!-~]*$/.test(rooted) ? rooted : undefined;
}

/** The form in which paths are compared: controllers write the same one in mixed case, with and without a slash at the end. */
export function comparablePath(path: string): string {
  const [plain = '', ...query] = path.split('?');
  return [plain.toLowerCase().replace(/\/+$/, ''), ...query].join('?');
}

/** True when both lead to the same resource. */
export function samePath(one: string, other: string): boolean {
  return comparablePath(one) === comparablePath(other);
}
