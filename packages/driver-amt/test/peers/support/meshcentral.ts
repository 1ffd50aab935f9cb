import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fetchNpmPackage } from '@ferric/lab';
import type { AmtDevice } from '../../../src/simulator/index.js';

/** The modules by which MeshCentral speaks to AMT. The package has 137 MB, so it is no dependency. */
const PACKAGE = {
  name: 'meshcentral', version: '1.1.55', folder: 'amt',
  integrity: 'sha512-imC+3LRoM+01+Rhcm1vg5WMKFiKUx/eAkM1AUUEVuVZxGuxVFHn9QaxKoI9xXIEJosg3+1391KBoXL7ZWjIf9w==',
} as const;

/** An answer as MeshCentral's parser yields it. */
export interface MeshAnswer {
  readonly Header: Readonly<Record<string, unknown>>;
  readonly Body: Record<string, unknown>;
}

export interface MeshEvent {
  readonly Time: Date;
  readonly EventSensorType: number;
  readonly Desc: string;
}

export interface MeshAudit {
  readonly AuditApp: string;
  readonly Event: string;
  readonly Initiator: string;
}

type Sink = (stack: unknown, name: string, answer: MeshAnswer | null, status: number) => void;

type BatchSink = (stack: unknown, name: string, results: Record<string, MeshBatchResult>, status: number) => void;

/** What is used of MeshCentral's stack. */
interface MeshStack {
  readonly wsman: { readonly comm: { xtlsFingerprint: number; destroy(): void; readonly digestRealm: string; readonly amtVersion: string } };
  Get(name: string, sink: Sink): void;
  Put(name: string, object: unknown, sink: Sink, tag?: unknown, priority?: number, selectors?: unknown): void;
  Delete(name: string, selectors: unknown, sink: Sink): void;
  Exec(name: string, method: string, parameters: unknown, sink: Sink): void;
  BatchEnum(name: string, names: readonly string[], sink: BatchSink, tag?: unknown, goesOn?: boolean): void;
  RequestPowerStateChange(state: number, sink: Sink): void;
  RequestOSPowerStateChange(state: number, sink: Sink): void;
  SetBootConfigRole(role: number, sink: Sink): void;
  CIM_BootConfigSetting_ChangeBootOrder(source: string | null, sink: Sink): void;
  AMT_AlarmClockService_AddAlarm(alarm: unknown, sink: Sink): void;
  GetMessageLog(sink: (stack: unknown, events: readonly MeshEvent[] | null, tag: unknown, status: number) => void): void;
  GetAuditLog(sink: (stack: unknown, records: readonly MeshAudit[], status: number) => void): void;
}

export interface MeshBatchResult {
  readonly status: number;
  /** Instances of an enumeration, or the one answer of a Get. */
  readonly responses: readonly Record<string, unknown>[] | MeshAnswer | null;
}

/** MeshCentral as a client of one device. */
export interface MeshClient extends Disposable {
  /** Runs one operation; rejects with the status that MeshCentral saw when it was not 200. */
  run(operation: (stack: MeshStack, sink: Sink) => void): Promise<MeshAnswer>;
  batch(names: readonly string[]): Promise<Readonly<Record<string, MeshBatchResult>>>;
  events(): Promise<readonly MeshEvent[]>;
  audits(): Promise<readonly MeshAudit[]>;
  readonly stack: MeshStack;
}

/** @param isSecure over TLS, without looking at the certificate */
export async function openMeshCentral(device: AmtDevice, isSecure: boolean, password = device.password): Promise<MeshClient> {
  const folder = await fetchNpmPackage(PACKAGE);
  const load = createRequire(join(folder, 'amt.js'));
  const createComm = load('./amt-wsman-comm.js') as (host: string, port: number | undefined, user: string, password: string, tls: 0 | 1) => MeshStack['wsman']['comm'];
  const createWsman = load('./amt-wsman.js') as (comm: unknown) => unknown;
  const createStack = load('./amt.js') as (wsman: unknown) => MeshStack;
  const comm = createComm(device.host, isSecure ? device.tlsPort : device.port, device.username, password, isSecure ? 1 : 0);
  comm.xtlsFingerprint = 0;
  const stack = createStack(createWsman(comm));
  return {
    stack,
    async run(operation) {
      const { promise, resolve, reject } = Promise.withResolvers<MeshAnswer>();
      operation(stack, (_stack, name, answer, status) => {
        if (status === 200 && answer !== null) resolve(answer);
        else reject(new Error(`${name}: ${status}`));
      });
      return promise;
    },
    async batch(names) {
      const { promise, resolve } = Promise.withResolvers<Readonly<Record<string, MeshBatchResult>>>();
      stack.BatchEnum('inventory', names, (_stack, _name, results) => resolve(results), undefined, true);
      return promise;
    },
    async events() {
      const { promise, resolve, reject } = Promise.withResolvers<readonly MeshEvent[]>();
      stack.GetMessageLog((_stack, events, _tag, status) => (events === null ? reject(new Error(String(status))) : resolve(events)));
      return promise;
    },
    async audits() {
      const { promise, resolve, reject } = Promise.withResolvers<readonly MeshAudit[]>();
      stack.GetAuditLog((_stack, records, status) => (status === 200 ? resolve(records) : reject(new Error(String(status)))));
      return promise;
    },
    [Symbol.dispose]: () => comm.destroy(),
  };
}
