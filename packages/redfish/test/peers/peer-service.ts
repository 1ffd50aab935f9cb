import { fixture } from '../support/fixtures.js';
import { type ScriptedService, startService } from '../support/scripted-service.js';
import { ROOT, type Sessions, table, withSessions } from '../support/tables.js';

/** A service with recorded resources of a ProLiant DL180 Gen10, for every client that logs in. Takes all changes and makes none. */
export interface PeerService extends AsyncDisposable {
  readonly service: ScriptedService;
  readonly sessions: Sessions;
  /** Changes so far, sessions aside: `PATCH /path` and the body. Slashes at the end do not count: clients differ there. */
  readonly changes: readonly (readonly [string, unknown])[];
}

export const USER = { username: 'admin', password: 'correct horse' };
const link = (path: string) => ({ '@odata.id': path });
const collection = (path: string, ...members: readonly string[]) => ({ '@odata.id': path, Name: 'Collection', Members: members.map(link), 'Members@odata.count': members.length });

const RESOURCES: Readonly<Record<string, object>> = {
  '/redfish/v1/Systems': collection('/redfish/v1/Systems/', '/redfish/v1/Systems/1/'),
  '/redfish/v1/Systems/1': fixture('redfish-gen10-dl180/system', 'default'),
  '/redfish/v1/systems/1/bios': fixture('redfish-gen10-dl180/bios', 'Default'),
  '/redfish/v1/systems/1/bios/settings': fixture('redfish-gen10-dl180/bios', 'BIOS_pending_settings_default'),
  '/redfish/v1/Systems/1/SecureBoot': fixture('redfish-gen10-dl180/secure_boot', 'default'),
  '/redfish/v1/Managers': collection('/redfish/v1/Managers/', '/redfish/v1/Managers/1/'),
  '/redfish/v1/Managers/1': fixture('redfish-gen10-dl180/manager'),
  '/redfish/v1/Managers/1/VirtualMedia': collection('/redfish/v1/Managers/1/VirtualMedia/', '/redfish/v1/Managers/1/VirtualMedia/1/', '/redfish/v1/Managers/1/VirtualMedia/2/'),
  '/redfish/v1/Managers/1/VirtualMedia/1': fixture('redfish-gen10-dl180/vmedia', 'vmedia_floppy'),
  '/redfish/v1/Managers/1/VirtualMedia/2': fixture('redfish-gen10-dl180/vmedia', 'vmedia_inserted'),
  '/redfish/v1/SessionService': { '@odata.id': '/redfish/v1/SessionService/', Id: 'SessionService', Name: 'Session Service', Sessions: link('/redfish/v1/SessionService/Sessions/') },
};

export async function startPeerService(): Promise<PeerService> {
  const reads = table(Object.fromEntries(Object.entries(RESOURCES).map(([path, body]) => [`GET ${path}`, { body }])));
  const sessions = withSessions((request, socket) => (request.method === 'GET' ? reads({ ...request, path: request.path.replace(/\/$/, '') }, socket) : { status: 200, body: {} }), USER.password, '');
  const service = await startService((request, socket) => {
    const path = request.path.replace(/\/$/, '');
    // These may be read by everybody: DSP0266, "Authentication requirements".
    if (request.method === 'GET' && path === '/redfish/v1') return { body: { Id: 'v1', Name: 'Root', RedfishVersion: '1.6.0', UUID: '7704b47b-2fbe-5920-99a5-b766dd84cc28', ...ROOT } };
    if (request.method === 'GET' && path === '/redfish') return { body: { v1: '/redfish/v1/' } };
    const named = path.startsWith('/redfish/v1/SessionService/Sessions') ? `${path}/` : request.path;
    return sessions.script({ ...request, path: named }, socket);
  });
  return {
    service,
    sessions,
    get changes() {
      const others = service.seen.filter(({ method, path }) => method !== 'GET' && !path.includes('/SessionService/'));
      return others.map(({ method, path, body }) => [`${method} ${path.replace(/\/$/, '')}`, body] as const);
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}
