import { remoteProcedure } from '../procedure.js';
import { characters, int32, list, nothing, string, struct } from '../xdr.js';

/** Source: libvirt 9.0.0, src/remote/remote_protocol.x, remote_auth_type. */
export const AUTHENTICATION_TYPES = { none: 0, sasl: 1, polkit: 2 } as const;

/** Source: remote_protocol.x, REMOTE_AUTH_TYPE_LIST_MAX and REMOTE_AUTH_SASL_DATA_MAX. */
const TYPE_LIMIT = 20;
const SASL_DATA_LIMIT = 65_536;

/** `absent` 1 says that there is no data at all, which is not the same as empty data. */
const saslData = { absent: int32, data: characters(SASL_DATA_LIMIT) };

const saslAnswer = struct({ complete: int32, ...saslData });

/** Procedures that come before `connect_open`. Source: libvirt 9.0.0, src/remote/remote_protocol.x. */
export const authenticationProcedures = {
  list: remoteProcedure('auth_list', 66, nothing, list(int32, TYPE_LIMIT)),
  /** The names of mechanisms, separated by commas or spaces. */
  saslInit: remoteProcedure('auth_sasl_init', 67, nothing, string),
  saslStart: remoteProcedure('auth_sasl_start', 68, struct({ mechanism: string, ...saslData }), saslAnswer, { secret: true }),
  saslStep: remoteProcedure('auth_sasl_step', 69, struct(saslData), saslAnswer, { secret: true }),
  polkit: remoteProcedure('auth_polkit', 70, nothing, int32),
};
