import type {
  BiosSetting, BootDeviceName, BootDeviceSetting, BootModeName, CallOptions, Clock, EventLogEntry, Gate, InventoryReport, JsonObject, JsonValue,
  PowerOutcome, PowerReading, PowerTarget, Secret, SensorReading, TranscriptSink,
} from '@ferric/core';
import type { LegacyConnection, TlsSettings } from '@ferric/core/tls';

/** How one controller is reached, over whatever it speaks. */
export interface IloClientSettings {
  /** Name or address of the iLO. */
  readonly host: string;
  /** TCP port of all its interfaces. Default 443. */
  readonly port?: number;
  readonly username: string;
  readonly password: Secret;
  /** For one exchange with the controller. Milliseconds, default 60 000. */
  readonly timeoutMs?: number;
  /** How the certificate is judged, and which TLS is spoken. */
  readonly tls?: TlsSettings;
  /** Told once when the controller speaks old TLS only. Must return at once and must not throw. */
  readonly onLegacyTls?: (connection: LegacyConnection) => void;
  /** The line before the controller, one exchange at a time. Default: one of its own. */
  readonly gate?: Gate;
  /** Pauses of whatever is waited for. Milliseconds. */
  readonly pauses?: Partial<IloPauses>;
  readonly clock?: Clock;
  /** Gets every request and answer, without secrets. */
  readonly transcript?: TranscriptSink;
}

/** Pauses between two looks or tries, all in milliseconds. */
export interface IloPauses {
  /** While the power changes. Default 2000. */
  readonly powerMs: number;
  /** While the server is in its power-on self-test, which refuses changes. Default 10 000. */
  readonly postMs: number;
  /** Before something that failed for want of an answer is read again. Default 5000. */
  readonly retryMs: number;
  /** While the controller starts again. Default 5000. */
  readonly resetMs: number;
  /** While firmware is written. Default 30 000. */
  readonly updateMs: number;
}

/** The ways in which a controller is spoken to. */
export const BACK_ENDS = ['redfish', 'ris', 'ribcl'] as const;
export type BackEndName = (typeof BACK_ENDS)[number];

/** What the controller says it is. */
export interface IloIdentity {
  /** 3 to 7; null when it could not be told. */
  readonly ilo: number | null;
  /** `iLO 5` */
  readonly name: string;
  /** `2.44`, as it was told without a login; null when it was not. */
  readonly firmwareVersion: string | null;
  /** The back ends that are there, the best one first. */
  readonly backEnds: readonly BackEndName[];
}

/**
 * One iLO of generation 3 to 7 with its server. Connects, logs in and finds out what the controller speaks with the first call; a group asks for each
 * operation the best back end that offers it. Reads that get no answer are repeated within the deadline; changes are sent once.
 *
 * Default of `timeoutMs`, where the call names no other: five minutes for the whole call. All calls throw: INVALID_OPTIONS, UNREACHABLE, TIMEOUT,
 * AUTH_FAILED (never tried a second time, never taken for an absent protocol), TLS_UNTRUSTED, PROTOCOL_FAULT, BUSY, REFUSED, ABORTED after disposal,
 * the caller's abort reason, and UNSUPPORTED naming the operation and the generation when no back end offers it (`details.operation`, `details.ilo`).
 */
export interface IloClient extends AsyncDisposable {
  /** `192.0.2.10:443` */
  readonly address: string;
  /** What the controller is. Needs no login where the controller tells it. Remembered until {@link forget}. */
  identify(options?: CallOptions): Promise<IloIdentity>;
  /** Forgets what was learned about the controller; done by itself after a reset or an update of its firmware. */
  forget(): void;
  readonly power: IloPower;
  readonly bootDevice: IloBootDevice;
  readonly bootMode: IloBootMode;
  readonly secureBoot: IloSecureBoot;
  readonly virtualMedia: IloVirtualMedia;
  readonly sensors: IloSensors;
  readonly inventory: IloInventory;
  readonly eventLog: IloEventLog;
  readonly nmi: IloNmi;
  readonly bios: IloBios;
  readonly raid: IloRaid;
  readonly firmware: IloFirmware;
  readonly licence: IloLicence;
  readonly accounts: IloAccounts;
  readonly controller: IloController;
  readonly identifyLight: IloIdentifyLight;
  readonly security: IloSecurity;
  readonly httpBoot: IloHttpBoot;
  readonly certificates: IloCertificates;
  readonly secureErase: IloSecureErase;
}

/** A power state with how far the self-test is. */
export interface IloPowerReading extends PowerReading {
  /** `PowerOff`, `Reset`, `InPost`, `InPostDiscoveryComplete`, `FinishedPost`, `Unknown`; null where the generation does not tell (Gen8). Also in `detail`. */
  readonly postState: string | null;
}

export interface IloPower {
  read(options?: CallOptions): Promise<IloPowerReading>;
  /**
   * As `Power.set` of core: reads first and does nothing when the server is there already, sends one command, then waits until the state is reached.
   * A soft target that the operating system does not follow ends in TIMEOUT. Default of `timeoutMs`: ten minutes.
   */
  set(target: PowerTarget, options?: CallOptions): Promise<PowerOutcome>;
}

/** Devices that an iLO of any generation knows. `iscsiboot` and `uefihttp` from Gen9 on, in UEFI mode. */
export const ILO_BOOT_DEVICES = ['pxe', 'disk', 'cdrom', 'iscsiboot', 'uefihttp'] as const satisfies readonly BootDeviceName[];
export type IloBootDeviceName = (typeof ILO_BOOT_DEVICES)[number];

export interface IloBootDevice {
  /** What this server takes. */
  supported(options?: CallOptions): Promise<ReadonlySet<IloBootDeviceName>>;
  read(options?: CallOptions): Promise<BootDeviceSetting>;
  /** Idempotent. Waits for the end of a power-on self-test, which refuses it. @throws UNSUPPORTED for a device that the server cannot boot from */
  set(device: IloBootDeviceName, setting: { readonly persistent: boolean }, options?: CallOptions): Promise<void>;
}

export interface IloBootModes {
  /** In which the server was booted; null when the controller does not know. */
  readonly current: BootModeName | null;
  /** Of the next boot; null when the controller does not know. */
  readonly pending: BootModeName | null;
  readonly supported: readonly BootModeName[];
}

/** A server whose controller does not know boot modes (older Gen8) reads as BIOS only. */
export interface IloBootMode {
  read(options?: CallOptions): Promise<IloBootModes>;
  /** Counts after the next reset of the server. Writes only when it differs from the pending one. @throws UNSUPPORTED for a mode that is not supported */
  set(mode: BootModeName, options?: CallOptions): Promise<void>;
}

export interface IloSecureBootReading {
  /** Whether the server booted with it. */
  readonly current: boolean;
  /** Whether it will with the next boot. */
  readonly next: boolean;
}

/** From Gen9 on, in UEFI mode; in BIOS mode all of it is UNSUPPORTED. Changes count after a power cycle, during which the server resets itself twice. */
export interface IloSecureBoot {
  read(options?: CallOptions): Promise<IloSecureBootReading>;
  set(enabled: boolean, options?: CallOptions): Promise<void>;
  /** All keys back to the defaults of the platform. */
  resetKeys(options?: CallOptions): Promise<void>;
  /** Deletes all keys. */
  clearKeys(options?: CallOptions): Promise<void>;
}

export const ILO_MEDIA_TYPES = ['cdrom', 'floppy'] as const;
export type IloMediaType = (typeof ILO_MEDIA_TYPES)[number];

export interface IloVirtualMedia {
  /** What is inserted. */
  read(options?: CallOptions): Promise<readonly { readonly type: IloMediaType; readonly url: string }[]>;
  /**
   * Shows an image, read-only; what is in the drive is ejected first, the same image is left in it.
   * @param url http or https, that the controller can reach, without user and password
   * @throws REFUSED with the controller's words when its licence does not cover it
   */
  insert(type: IloMediaType, url: URL, options?: CallOptions): Promise<void>;
  /** Does nothing when the drive is empty. */
  eject(type: IloMediaType, options?: CallOptions): Promise<void>;
  /** The next boot, and only that, is from the inserted CD. Does what {@link IloBootDevice.set} does where the drive has no switch of its own. */
  bootOnce(options?: CallOptions): Promise<void>;
}

export interface IloSensors {
  read(options?: CallOptions): Promise<readonly SensorReading[]>;
}

export interface IloNetworkPort {
  /** `Port 1` */
  readonly name: string;
  /** Lower case with colons. */
  readonly macAddress: string;
}

export interface IloInventoryReport extends InventoryReport {
  /** By the rules of Ironic's inspection; 0 when there is no disk that the controller knows. */
  readonly localGigabytes: number;
  readonly ports: readonly IloNetworkPort[];
  /** Ironic's node capabilities by name: `secure_boot: 'true'`. All values are texts; what is not known is left out. */
  readonly capabilities: Readonly<Record<string, string>>;
}

export interface IloInventory {
  /** Some of it is known to the controller only after the server has been on. Nothing is switched for it. */
  read(options?: CallOptions): Promise<IloInventoryReport>;
}

/** `server`: the integrated management log. `controller`: what happened on the iLO. */
export type IloLogName = 'server' | 'controller';

export interface IloEventLog {
  /** Default: both logs, ids begin with the name of the log. */
  read(log?: IloLogName, options?: CallOptions): Promise<readonly EventLogEntry[]>;
  /** Default: both logs. */
  clear(log?: IloLogName, options?: CallOptions): Promise<void>;
}

/** Not on Gen8. */
export interface IloNmi {
  /** @throws CONFLICT when the server is off */
  inject(options?: CallOptions): Promise<void>;
}

/** What came of the last changes that the firmware took up. */
export interface IloSettingsResult {
  readonly outcome: 'success' | 'failure' | 'none';
  /** In the words of the controller, with the settings they are about. */
  readonly messages: readonly string[];
}

/** From Gen9 on. */
export interface IloBios {
  read(options?: CallOptions): Promise<readonly BiosSetting[]>;
  /** Values of the next boot. */
  pending(options?: CallOptions): Promise<Readonly<Record<string, JsonValue>>>;
  /**
   * Counts after the next reset of the server; then {@link result} tells. Writes only what differs from the pending values.
   * @throws INVALID_OPTIONS naming every setting that is not there or has a value that is not accepted
   */
  apply(settings: Readonly<Record<string, JsonValue>>, options?: CallOptions & { readonly biosPassword?: Secret }): Promise<void>;
  /** All settings to the defaults of the vendor, with the next reset of the server. */
  factoryReset(options?: CallOptions & { readonly biosPassword?: Secret }): Promise<void>;
  result(options?: CallOptions): Promise<IloSettingsResult>;
}

export const ERASE_PATTERNS = { hdd: ['overwrite', 'crypto', 'zero'], ssd: ['block', 'crypto', 'zero'] } as const;
export interface IloErasePattern {
  readonly hdd?: (typeof ERASE_PATTERNS.hdd)[number];
  readonly ssd?: (typeof ERASE_PATTERNS.ssd)[number];
}

export interface IloEraseStatus {
  readonly state: 'idle' | 'erasing' | 'done' | 'failed';
  readonly drives: readonly { readonly location: string; readonly mediaType: string; readonly status: string }[];
}

/** Smart Array controllers of Gen10, configured by the controller with the next boot; elsewhere UNSUPPORTED. */
export interface IloRaid {
  /** Ironic's `{ logical_disks: [...] }`. */
  read(options?: CallOptions): Promise<JsonObject>;
  /**
   * Stages the arrays of Ironic's target configuration besides those that are there. `wait`: reset the server, then ask {@link result}.
   * `done`: all of them are there.
   */
  create(configuration: JsonObject, options?: CallOptions): Promise<'done' | 'wait'>;
  /** Stages the deletion of all arrays. `done`: there are none. */
  delete(options?: CallOptions): Promise<'done' | 'wait'>;
  /** What came of what was staged last. */
  result(options?: CallOptions): Promise<IloSettingsResult>;
  /** Stages the erasure of all disks of one kind that belong to no array. `done`: there is none. */
  erase(kind: 'hdd' | 'ssd', pattern: string, options?: CallOptions): Promise<'done' | 'wait'>;
  eraseStatus(kind: 'hdd' | 'ssd', options?: CallOptions): Promise<IloEraseStatus>;
}

export const FIRMWARE_COMPONENT_NAMES = ['ilo', 'cpld', 'power_pic', 'bios', 'chassis'] as const;
export type IloFirmwareComponentName = (typeof FIRMWARE_COMPONENT_NAMES)[number];

export interface IloFirmwareItem {
  /** One of {@link FIRMWARE_COMPONENT_NAMES} where it is one of these, else the controller's own name. */
  readonly component: string;
  readonly name: string;
  readonly version: string;
}

/** A raw image. `url`: the controller fetches it itself (iLO 4 2.00 and later). `open`: it is uploaded, over RIBCL. A controller takes the one that it can. */
export interface IloFirmwareImage {
  readonly component: IloFirmwareComponentName;
  readonly url: URL;
  readonly upload?: { readonly fileName: string; readonly length: number; open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array> };
}

export interface IloUpdateProgress {
  /** In the words of the controller: `Uploading`, `Verifying`, `Writing`, ... */
  readonly state: string;
  readonly percent: number | null;
}

export interface IloFirmware {
  read(options?: CallOptions): Promise<readonly IloFirmwareItem[]>;
  /**
   * Writes an image and waits for its end; after one of the controller itself, until that is back. Other components count after a reset of the server.
   * Virtual media may be ejected. Default of `timeoutMs`: one hour.
   * @throws INVALID_OPTIONS for what is no raw image (.bin, .flash, .vme, .hex, .full); REFUSED with the controller's words when it failed
   */
  update(image: IloFirmwareImage, options?: CallOptions & { readonly onProgress?: (progress: IloUpdateProgress) => void }): Promise<void>;
}

export interface IloLicence {
  /** `iLO Advanced`; null when the controller does not tell. */
  read(options?: CallOptions): Promise<{ readonly name: string | null }>;
  /** @throws REFUSED for a key that is not valid; no error shows it */
  activate(key: Secret, options?: CallOptions): Promise<void>;
}

export interface IloAccounts {
  /**
   * Changes the password of the user that this client logs in as, and goes on with the new one: with all back ends, in a new session.
   * When the answer gets lost the new one is tried, then the former one: the call succeeds, or it fails as the change did and the former one still counts.
   * `details.undecided` is true in the error when neither could be found out; keep both then.
   * @throws REFUSED for one that is too short; no error shows either password
   */
  changePassword(password: Secret, options?: CallOptions): Promise<void>;
}

export interface IloController {
  /**
   * Restarts the controller and waits until it answers again. Virtual media are ejected, sessions end, the server runs on.
   * Default of `timeoutMs`: five minutes.
   */
  reset(options?: CallOptions): Promise<void>;
  /** Waits until the controller answers a login, as after a reset by somebody else. Default of `timeoutMs`: five minutes. */
  waitUntilBack(options?: CallOptions): Promise<void>;
}

export interface IloIdentifyLight {
  read(options?: CallOptions): Promise<'on' | 'off' | 'blinking' | 'unknown'>;
  set(on: boolean, options?: CallOptions): Promise<void>;
}

export interface IloSecurityReport {
  /** `OK`, `Risk`, `Ignored`, ... */
  readonly overallStatus: string | null;
  readonly parameters: readonly { readonly name: string; readonly status: string; readonly state: string | null; readonly ignored: boolean }[];
  /** What the security policies are set to, by Ironic's names; left out where the controller does not tell. */
  readonly settings: Readonly<Record<string, JsonValue>>;
}

/** The security dashboard, from iLO 5 on. */
export interface IloSecurity {
  read(options?: CallOptions): Promise<IloSecurityReport>;
  /** Counts a parameter of the dashboard among the risks, or not. @throws NOT_FOUND for one that is not there */
  setIgnored(parameter: string, ignored: boolean, options?: CallOptions): Promise<void>;
  /** The least length of a password, 0 to 39. */
  setMinimumPasswordLength(length: number, options?: CallOptions): Promise<void>;
  /** After how many failed logins one is logged: 0 (never), 1, 2, 3 or 5. */
  setLoginFailureThreshold(failures: number, options?: CallOptions): Promise<void>;
}

/** What the firmware boots from over HTTP, in UEFI mode, from Gen9 on. */
export interface IloHttpBoot {
  /** Null when none is set. */
  read(options?: CallOptions): Promise<string | null>;
  /** Counts with the next boot from `uefihttp`. Null removes it. */
  set(url: URL | null, options?: CallOptions): Promise<void>;
}

/** Certificates that the firmware trusts when it boots over HTTPS, in UEFI mode, from Gen10 on. Changes count after a reset of the server. */
export interface IloCertificates {
  /** SHA-256 fingerprints. */
  read(options?: CallOptions): Promise<readonly { readonly fingerprint: string; readonly subject: string | null }[]>;
  /** @param certificates in PEM form */
  add(certificates: readonly string[], options?: CallOptions): Promise<void>;
  /** Removes those with these fingerprints; all when left out. */
  remove(fingerprints?: readonly string[], options?: CallOptions): Promise<void>;
}

/** Erases the whole machine with all settings and the controller itself; may take a day. From Gen10 on, where it is offered. */
export interface IloSecureErase {
  isOffered(options?: CallOptions): Promise<boolean>;
  /** Stages it; it begins with the next reset of the server. */
  start(options?: CallOptions): Promise<void>;
}
