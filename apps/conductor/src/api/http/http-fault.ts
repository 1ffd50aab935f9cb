/**
 * A refusal by the door itself, before any resource is asked: wrong version, unknown path, wrong method.
 * Its answer has `code`, `title` and `description` where others have `faultcode` and `faultstring`.
 */
export class HttpFault extends Error {
  readonly status: number;
  readonly title: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, title: string, description: string, headers: Readonly<Record<string, string>> = {}) {
    super(description);
    this.name = 'HttpFault';
    this.status = status;
    this.title = title;
    this.headers = headers;
  }
}

/** What Ironic says to a path it does not know, and to one that the request's version does not know yet. */
export function pathNotFound(): HttpFault {
  return new HttpFault(404, 'Not Found', 'The resource could not be found.');
}

export function methodNotAllowed(method: string, allowed: readonly string[]): HttpFault {
  return new HttpFault(405, 'Method Not Allowed', `The method ${method} is not allowed for this resource.`, { allow: allowed.join(', ') });
}
