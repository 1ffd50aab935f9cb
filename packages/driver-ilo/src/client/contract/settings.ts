import type { Clock, Gate, Secret, TranscriptSink } from '@ferric/core';
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
  /** While the controller makes a request for a certificate. Default 10 000. */
  readonly certificateMs: number;
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
