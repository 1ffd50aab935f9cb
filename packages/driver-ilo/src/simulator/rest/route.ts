import type { Member, Resource } from './resource.js';

/** A resource that was asked for. */
export interface Found {
  readonly resource: Resource;
  readonly member: Member;
}

/** Finds a resource by its path below the root of the service. The device does not look at the case. */
export function findResource(resources: readonly Resource[], path: string): Found | undefined {
  const segments = segmentsOf(path);
  for (const resource of resources) {
    const member = match(segmentsOf(resource.path), segments);
    if (member !== undefined) return { resource, member };
  }
  return undefined;
}

function segmentsOf(path: string): readonly string[] {
  return path.split('/').filter((segment) => segment !== '');
}

/** What stood for `{}`, or an empty text when the pattern has none; undefined: it is another path. */
function match(pattern: readonly string[], segments: readonly string[]): string | undefined {
  if (pattern.length !== segments.length) return undefined;
  let member = '';
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (expected === '{}') member = segment;
    else if (expected.toLowerCase() !== segment.toLowerCase()) return undefined;
  }
  return member;
}
