import type { IloBehaviour } from '../behaviour.js';
import type { Found } from './route.js';
import type { RestService } from './service.js';

/** An address of nobody, reserved for documentation: RFC 5737. */
const ELSEWHERE = 'https://192.0.2.1';

/** Where a request belongs, if not where it was sent. */
export function redirectOf(asked: {
  readonly service: RestService;
  readonly behaviour: Readonly<IloBehaviour>;
  readonly url: URL;
  readonly found: Found | undefined;
}): string | undefined {
  const { service, behaviour, url, found } = asked;
  const { pathname, search } = url;
  if (behaviour.redirects === 'loop') return `${pathname}${search}`;
  if (behaviour.redirects === 'elsewhere') return `${ELSEWHERE}${pathname}${search}`;
  if (behaviour.redirects === 'case' && found !== undefined) {
    const written = service.href(found.resource.path.replace('{}', found.member));
    if (written !== pathname) return `${written}${search}`;
  }
  return service.needsSlash && !pathname.endsWith('/') ? `${pathname}/${search}` : undefined;
}
