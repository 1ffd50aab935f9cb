/** A link as all answers carry it. */
export type Link = { readonly href: string; readonly rel: 'self' | 'bookmark' };

/** The pair of links to a resource: with the version in its path, and without. */
export function linkPair(base: string, path: string): readonly [Link, Link] {
  return [
    { href: `${base}/v1/${path}`, rel: 'self' },
    { href: `${base}/${path}`, rel: 'bookmark' },
  ];
}
