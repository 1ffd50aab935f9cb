/** Whose sockets are meant. A library reads no environment, so what libvirt takes from there is given here. */
export interface LibvirtUserContext {
  /** Default: of this process. */
  readonly userId?: number;
  /** XDG_RUNTIME_DIR. Default: `/run/user/UID`, then `~/.cache`, which libvirt uses where there is no such folder. */
  readonly runtimeDirectory?: string;
  /** Default: of the user of this process. */
  readonly homeDirectory?: string;
}

export type SocketMode = 'auto' | 'legacy' | 'direct';

/**
 * Folder of the system's sockets. Source: libvirt 9.0.0, src/remote/remote_sockets.c, which keeps to /var/run because the other side may
 * have no /run.
 */
export const SYSTEM_SOCKET_FOLDER = '/var/run/libvirt';

/** The socket of the one daemon that serves all hypervisors: libvirtd, or virtproxyd in its place. */
export const LEGACY_SOCKET = 'libvirt-sock';

/**
 * Sockets to look for, in this order: the first that exists is taken, the last of the first folder is named when none does.
 * `auto`: the modular daemon of the driver before libvirtd. Source: libvirt 9.0.0, src/remote/remote_sockets.c, remoteGetUNIXSocket.
 */
export function candidateSockets(driver: string, mode: SocketMode, folders: readonly string[]): readonly string[] {
  const modular = `virt${driver}d-sock`;
  const names = { auto: [modular, LEGACY_SOCKET], legacy: [LEGACY_SOCKET], direct: [modular] }[mode];
  return folders.flatMap((folder) => names.map((name) => `${folder}/${name}`));
}

/** Folders of the sockets of one user's daemons. */
export function sessionSocketFolders(userId: number, context: LibvirtUserContext, homeDirectory: string): readonly string[] {
  if (context.runtimeDirectory !== undefined) return [`${context.runtimeDirectory}/libvirt`];
  return [`/run/user/${userId}/libvirt`, `${homeDirectory}/.cache/libvirt`];
}
