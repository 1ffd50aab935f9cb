import { type Secret, withDeadline } from '@ferric/core';
import { createTlsConnector, type LegacyConnection, type TlsConnector, type TlsSettings } from '@ferric/core/tls';
import { createRedfishClient, type RedfishClient, requireLink } from '@ferric/redfish';
import type { BackEndName } from '../ilo-client.js';
import { exchangeOnce } from '../ribcl/https/https-exchange.js';
import { createRibclClient, readProductName, type RibclClient } from '../ribcl/index.js';
import type { CheckedIloSettings } from '../settings.js';
import { isSilence } from './outages.js';

/** A back end that speaks JSON over HTTPS. */
export type RestName = 'redfish' | 'ris';

/** The clients of one controller, made when they are needed, all with the same credentials. */
export interface Connection extends AsyncDisposable {
  /** The client for the next exchange. Ask for it when the gate has opened: after a change of the password it is another one. */
  rest(name: RestName): RedfishClient;
  /** Always the same one, which logs in with the password of the moment. */
  ribcl(): RibclClient;
  /**
   * Goes on with another password. An exchange that is running ends as it began, and then the sessions of the former password are closed; calls that are
   * not at an end go on in new ones.
   */
  changePassword(password: Secret): Promise<void>;
  /** Logs in with another password, with a client of its own, and reads something. @throws AUTH_FAILED when it does not count */
  tryPassword(password: Secret, backEnd: BackEndName, signal: AbortSignal): Promise<void>;
  /** How the controller is trusted now. */
  readonly tls: TlsSettings;
  /** Goes on with another trust, otherwise as {@link changePassword}. */
  changeTrust(tls: TlsSettings): Promise<void>;
  /**
   * SHA-256 of the certificate that the controller shows at the moment, 64 hexadecimal digits, on a connection of its own.
   * @param tls how it is judged; default as everything is now
   * @throws TLS_UNTRUSTED for one that is not trusted
   */
  shownFingerprint(signal: AbortSignal, tls?: TlsSettings): Promise<string>;
  /** Forgets what was learned of the services. */
  forget(): void;
  /**
   * Whether the controller answers at the moment, by one question on a connection of its own that needs no login and is never repeated: others would not
   * show a short absence. @throws what is no absence, such as TLS_UNTRUSTED
   */
  isThere(signal: AbortSignal): Promise<boolean>;
}

/** Answers from here on say that its services are not ready. */
const NOT_READY = 500;
const PROBE = { method: 'GET', path: '/redfish/v1/', headers: {}, label: 'GET /redfish/v1/', limitBytes: 1024 * 1024 } as const;
/** Who is there answers this one at once. Milliseconds. */
const PROBE_TIMEOUT_MS = 10_000;

export function createConnection(settings: CheckedIloSettings): Connection {
  const { host, port, username, timeoutMs, clock, transcript, gate } = settings;
  const clients = new Map<RestName, RedfishClient>();
  let ribcl: RibclClient | undefined;
  let { password, tls } = settings;
  let isLegacyTold = false;

  // Each client finds out by itself that the controller is old; once is enough to say so.
  const onLegacyTls = (connection: LegacyConnection): void => {
    if (!isLegacyTold) settings.onLegacyTls?.(connection);
    isLegacyTold = true;
  };

  const closeAll = async (open: readonly AsyncDisposable[]): Promise<void> => {
    await Promise.all(open.map((client) => client[Symbol.asyncDispose]()));
  };

  const makeConnector = (trust: TlsSettings): TlsConnector => createTlsConnector({ ...trust, clock, onLegacy: onLegacyTls });
  let connector = makeConnector(tls);
  // For clients that keep theirs for good.
  const presentConnector: TlsConnector = {
    connect: (peer, options) => connector.connect(peer, options),
    profileOf: (peer) => connector.profileOf(peer),
  };
  const common = { username, timeoutMs, clock, ...(transcript === undefined ? {} : { transcript }) };
  const url = `https://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
  // What follows a colon would be taken for the password in basic authentication.
  const authentication = username.includes(':') ? 'session' : 'auto';
  const makeRest = (name: RestName, secret: Secret): RedfishClient =>
    createRedfishClient({ ...common, url, password: secret, base: name, authentication, tls, onLegacyTls });
  const makeRibcl = (secret: () => Secret): RibclClient => createRibclClient({ ...common, host, port, password: secret, connector: presentConnector, gate });
  /** Behind the exchange that is running with one of them. A gate that is shut or full keeps none of them open. */
  const replaceClients = async (): Promise<void> => {
    const former = [...clients.values()];
    clients.clear();
    await gate.run(() => closeAll(former)).catch(() => closeAll(former));
  };

  return {
    rest(name) {
      const known = clients.get(name);
      if (known !== undefined) return known;
      const client = makeRest(name, password);
      clients.set(name, client);
      return client;
    },
    ribcl() {
      ribcl ??= makeRibcl(() => password);
      return ribcl;
    },
    async changePassword(next) {
      password = next;
      await replaceClients();
    },
    get tls() {
      return tls;
    },
    async changeTrust(next) {
      tls = next;
      connector = makeConnector(next);
      await replaceClients();
    },
    async shownFingerprint(signal, judgedBy) {
      return gate.run(async (running) => {
        const socket = await (judgedBy === undefined ? connector : makeConnector(judgedBy)).connect({ host, port }, { signal: running, timeoutMs: PROBE_TIMEOUT_MS });
        const { fingerprint256 } = socket.getPeerCertificate();
        socket.destroy();
        return fingerprint256.replaceAll(':', '').toLowerCase();
      }, { signal });
    },
    async tryPassword(candidate, backEnd, signal) {
      if (backEnd === 'ribcl') {
        await using client = makeRibcl(() => candidate);
        await client.run(readProductName(), { signal });
        return;
      }
      await gate.run(async (running) => {
        await using client = makeRest(backEnd, candidate);
        await client.read(requireLink(await client.root({ signal: running }), 'Systems'), { signal: running });
      }, { signal });
    },
    forget() {
      for (const client of clients.values()) client.forget();
    },
    async isThere(signal) {
      try {
        const timing = { what: `an answer of ${settings.address}`, defaultTimeoutMs: PROBE_TIMEOUT_MS, clock };
        const { status } = await withDeadline({ signal }, timing, (deadline) =>
          gate.run((running) => exchangeOnce(connector, { host, port }, PROBE, running, { sent: false }), { signal: deadline.signal }));
        return status < NOT_READY;
      } catch (error) {
        if (signal.aborted || !isSilence(error)) throw error;
        return false;
      }
    },
    async [Symbol.asyncDispose]() {
      const open = [...clients.values(), ...(ribcl === undefined ? [] : [ribcl])];
      clients.clear();
      ribcl = undefined;
      await closeAll(open);
    },
  };
}
