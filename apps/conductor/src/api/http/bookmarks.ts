/**
 * Ironic answers below `/` what it answers below `/v1`: "bookmark" links point there. Such a path is read as the one below `/v1`, which
 * is the only one that is registered.
 * @param paths of endpoints, below `/v1`: `/nodes/:node`
 * @returns what turns the URL of a request into the one that is looked up
 */
export function bookmarkReader(paths: readonly string[]): (url: string) => string {
  const collections = new Set(paths.map(firstPart));
  return (url) => (collections.has(firstPart(url)) ? `/v1${url}` : url);
}

/** `nodes` of `/nodes/x` and of `/nodes?limit=1`. */
function firstPart(url: string): string {
  return /^\/([^/?]*)/.exec(url)?.[1] ?? '';
}
