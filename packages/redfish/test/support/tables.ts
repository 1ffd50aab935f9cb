import type { Answer, Script, Seen } from './scripted-service.js';

/** What answers a request: always the same, or each in its turn and the last for good, or what a function says. */
export type Entry = Answer | readonly Answer[] | ((request: Seen) => Answer);

/** A script from a table `{"GET /redfish/v1/": …}`; what is not in it is not found. */
export function table(entries: Readonly<Record<string, Entry>>): Script {
  const uses = new Map<string, number>();
  return (request) => {
    const step = `${request.method} ${request.path}`;
    const entry = Object.hasOwn(entries, step) ? entries[step] : undefined;
    if (entry === undefined) return { status: 404, body: extendedInfo('Base.1.4.ResourceMissingAtURI', [request.path]) };
    if (typeof entry === 'function') return entry(request);
    if (!Array.isArray(entry)) return entry as Answer;
    const use = uses.get(step) ?? 0;
    uses.set(step, use + 1);
    return (entry[Math.min(use, entry.length - 1)] as Answer | undefined) ?? {};
  };
}

export const ROOT = {
  '@odata.id': '/redfish/v1/',
  '@odata.type': '#ServiceRoot.v1_1_0.ServiceRoot',
  Links: { Sessions: { '@odata.id': '/redfish/v1/SessionService/Sessions/' } },
  Systems: { '@odata.id': '/redfish/v1/Systems/' },
  Managers: { '@odata.id': '/redfish/v1/Managers/' },
  Chassis: { '@odata.id': '/redfish/v1/Chassis/' },
  AccountService: { '@odata.id': '/redfish/v1/AccountService/' },
  UpdateService: { '@odata.id': '/redfish/v1/UpdateService/' },
};

/** The form of Redfish for an error. */
export function extendedInfo(MessageId: string, MessageArgs: readonly string[] = [], more: object = {}): object {
  return { error: { code: 'iLO.0.10.ExtendedInfo', message: 'See @Message.ExtendedInfo for more information.', '@Message.ExtendedInfo': [{ MessageId, MessageArgs, ...more }] } };
}

export const SESSIONS = '/redfish/v1/SessionService/Sessions/';

/** A service that wants a session for everything but its root, and counts them. */
export interface Sessions {
  readonly script: Script;
  /** Tokens that are valid now. */
  readonly open: Set<string>;
  readonly logins: number;
}

/**
 * @param inner what answers those who have a session
 * @param host what stands before the path in the header Location: by default the name that the controller believes to have
 */
export function withSessions(inner: Script, password = 'correct horse', host = 'https://ilo.example'): Sessions {
  const open = new Set<string>();
  let logins = 0;
  const refusal: Answer = { status: 401, body: extendedInfo('Base.1.4.NoValidSession') };
  const login = ({ body }: Seen): Answer => {
    logins += 1;
    const { UserName, Password } = body as Record<string, string>;
    if (UserName !== 'admin' || Password !== password) return { status: 401, body: extendedInfo('iLO.2.14.UnauthorizedLoginAttempt') };
    const token = `token-${logins}`;
    open.add(token);
    return { status: 201, headers: { 'x-auth-token': token, location: `${host}${SESSIONS}${logins}/` }, body: { Id: String(logins) } };
  };
  return {
    open,
    get logins() {
      return logins;
    },
    script: (request, socket) => {
      const step = `${request.method} ${request.path}`;
      if (step === 'GET /redfish/v1/') return { body: ROOT };
      if (step === `POST ${SESSIONS}`) return login(request);
      const token = request.headers['x-auth-token'] ?? '';
      if (!open.has(token)) return refusal;
      if (request.method === 'DELETE' && request.path.startsWith(SESSIONS)) {
        open.delete(`token-${request.path.slice(SESSIONS.length, -1)}`);
        return { status: 200, body: extendedInfo('Base.1.4.Success') };
      }
      return inner(request, socket);
    },
  };
}
