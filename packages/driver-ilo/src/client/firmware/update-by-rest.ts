import { delay, FerricError } from '@ferric/core';
import {
  decodeUpdateProgress, decodeUpdateService, findAction, findLink, reader, requireAction, requireLink, type Resource, runAction, startUpdate, type UpdateProgress,
} from '@ferric/redfish';
import { isSilence, isUncertain } from '../connection/outages.js';
import { isAway } from '../controller/wait-for-return.js';
import type { RestCall } from '../operations/perform.js';
import { judgeUpdate } from './update-progress.js';

export type OnProgress = (progress: { readonly state: string; readonly percent: number | null }) => void;

/** An update that has not begun after this time was forgotten by the controller. Milliseconds. */
const BEGINS_WITHIN_MS = 300_000;
/** The first pause; some updates take seconds. */
const FIRST_PAUSE_MS = 1000;

export interface RestUpdate {
  readonly url: URL;
  readonly onProgress: OnProgress | undefined;
  /** The firmware of the controller itself, for which it goes away: whether it answers at the moment. */
  readonly isThere: (() => Promise<boolean>) | undefined;
}

/** Lets the controller fetch and write an image. @returns whether it was away meanwhile, as for its own firmware @throws REFUSED when it failed */
export async function updateByRest(call: RestCall, { url, onProgress, isThere }: RestUpdate): Promise<{ readonly wasAway: boolean }> {
  const path = await findUpdateService(call);
  const before = (await readProgress(call, path)).state;
  const former = isThere === undefined ? undefined : await readOwnState(call);
  // Whether it was begun, when the answer got lost, the looks show: begun again it would be refused, or cut off when the first one restarts the controller.
  let lost: FerricError | undefined;
  await call.whenReady('firmware update', async () => start(call, await call.client.read(path, call.options), url)).catch((error: unknown) => {
    if (call.signal.aborted || !isUncertain(error)) throw error;
    lost = error;
  });
  const startedAt = call.clock.monotonicMs();
  let hasBegun = false;
  let wasAway = false;
  let pauseMs = Math.min(FIRST_PAUSE_MS, call.pauses.updateMs);
  const look = async (): Promise<'done' | 'failed' | 'forgotten' | undefined> => {
    const { state, percent } = await readProgress(call, path);
    const isStartedAnew = former !== undefined && call.client.counters.logins > former.logins;
    if (isStartedAnew) wasAway = true;
    // It may have done its work between two looks. An absence alone may be one of the network.
    if (wasAway && !hasBegun) hasBegun = isStartedAnew || (await readOwnState(call)).version !== former?.version;
    onProgress?.({ state: state ?? 'Unknown', percent: percent ?? null });
    const verdict = judgeUpdate({ before, hasBegun }, { state });
    hasBegun ||= verdict === 'running';
    if (verdict === 'waiting') return call.clock.monotonicMs() - startedAt >= BEGINS_WITHIN_MS ? 'forgotten' : undefined;
    return verdict === 'running' ? undefined : verdict;
  };
  for (;;) {
    if (isThere !== undefined && !(await isThere())) wasAway = true;
    const end = await look().catch((error: unknown) => {
      if (call.signal.aborted || !(wasAway ? isAway(error) : isSilence(error))) throw error;
      return undefined;
    });
    if (end === 'done') return { wasAway };
    if (end === 'forgotten' && lost !== undefined) throw lost;
    if (end !== undefined) throw failed(call, url, end);
    await delay(pauseMs, call);
    pauseMs = Math.min(2 * pauseMs, call.pauses.updateMs);
  }
}

/** iLO 4 has an update service of its own below its manager. */
async function findUpdateService({ client, options, manager }: RestCall): Promise<string> {
  const root = await client.root(options);
  return findLink(root, 'UpdateService') ?? requireLink(await manager(), 'UpdateService');
}

async function readProgress({ client, options }: RestCall, path: string): Promise<UpdateProgress> {
  return decodeUpdateProgress(await client.read(path, options));
}

/** What a start of the controller, with other firmware or the same, shows in. */
interface OwnState {
  readonly version: string | undefined;
  /** Logins so far: no session outlives the start of a controller, whether its absence was seen or not. */
  readonly logins: number;
}

async function readOwnState({ client, manager }: RestCall): Promise<OwnState> {
  const { body, path } = await manager();
  return { version: reader(body, path).text('FirmwareVersion'), logins: client.counters.logins };
}

async function start({ client, options }: RestCall, service: Resource, url: URL): Promise<void> {
  if (findAction(service, 'SimpleUpdate') !== undefined) await startUpdate(client, decodeUpdateService(service), url.href, options);
  else await runAction(client, requireAction(service, 'InstallFromURI'), { FirmwareURI: url.href }, options);
}

function failed({ address }: RestCall, url: URL, verdict: 'failed' | 'forgotten'): FerricError {
  const says = verdict === 'failed' ? 'could not write the image' : 'accepted the image and did not begin with it';
  return new FerricError('REFUSED', `The iLO at ${address} ${says}`, {
    details: { address, image: `${url.host}${url.pathname}`, verdict },
    hint: 'Check that it can reach the URL, that the image is for this server, and the event log of the iLO.',
  });
}
