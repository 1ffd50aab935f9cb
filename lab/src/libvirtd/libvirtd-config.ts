import type { Pki } from './pki.ts';

export type DaemonAuth = 'none' | 'sasl';

export interface LibvirtdSettings {
  readonly unixAuth: DaemonAuth;
  readonly tcpAuth: DaemonAuth;
  readonly tlsAuth: DaemonAuth;
  /** Whether the daemon demands a client's certificate on TLS. */
  readonly clientCertificate: boolean;
  readonly maximumRequests: number;
  readonly tcpPort: number;
  readonly tlsPort: number;
  readonly pki: Pki;
}

/** Folders below that of the daemon, and where the daemon sees each of them. */
export const FOLDERS = {
  etc: '/etc/libvirt',
  sasl: '/etc/sasl2',
  lib: '/var/lib/libvirt',
  cache: '/var/cache/libvirt',
  log: '/var/log/libvirt',
  run: '/run/libvirt',
} as const;

/** libvirtd.conf. Source: the comments of the file that libvirt 9.0.0 installs. */
export function libvirtdConfig(settings: LibvirtdSettings): string {
  return format({
    unix_sock_rw_perms: '0700',
    auth_unix_ro: 'none',
    auth_unix_rw: settings.unixAuth,
    listen_addr: '127.0.0.1',
    listen_tcp: 1,
    tcp_port: String(settings.tcpPort),
    auth_tcp: settings.tcpAuth,
    listen_tls: 1,
    tls_port: String(settings.tlsPort),
    auth_tls: settings.tlsAuth,
    tls_no_verify_certificate: settings.clientCertificate ? 0 : 1,
    ca_file: settings.pki.authorityCertificate,
    cert_file: settings.pki.serverCertificate,
    key_file: settings.pki.serverKey,
    // Without it the daemon reads the machine's SMBIOS tables and complains where there are none.
    host_uuid: '5f3f7bd0-6f0f-4c5e-9d55-0f0e0d0c0b0a',
    max_client_requests: settings.maximumRequests,
    log_outputs: `2:file:${FOLDERS.log}/libvirtd.log`,
  });
}

/** qemu.conf: no labels, no change of owners, no cgroups, no namespaces for devices, no virtlogd. */
export function qemuConfig(): string {
  return format({
    user: 'root',
    group: 'root',
    dynamic_ownership: 0,
    remember_owner: 0,
    security_driver: 'none',
    security_default_confined: 0,
    cgroup_controllers: [],
    namespaces: [],
    stdio_handler: 'file',
  });
}

/** The SASL library's settings for the service `libvirt`. */
export function saslConfig(mechanisms: readonly string[]): string {
  return [
    `mech_list: ${mechanisms.join(' ')}`, 'pwcheck_method: auxprop', 'auxprop_plugin: sasldb', `sasldb_path: ${FOLDERS.sasl}/passwd.db`, '',
  ].join('\n');
}

/** What virsh reads instead of asking for user and password. Source: libvirt's page "Connection authentication". */
export function authFile({ username, password }: { readonly username: string; readonly password: string }): string {
  const hosts = ['127.0.0.1', 'localhost', 'default'];
  return [
    '[credentials-lab]', `username=${username}`, `authname=${username}`, `password=${password}`, ...hosts.flatMap((host) => [`[auth-libvirt-${host}]`, 'credentials=lab']), '',
  ].join('\n');
}

function format(settings: Readonly<Record<string, string | number | readonly string[]>>): string {
  return Object.entries(settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`).join('');
}
