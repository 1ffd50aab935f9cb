/** One look at an update. */
export interface UpdateLook {
  /** In the controller's own words; undefined when it does not tell. */
  readonly state: string | undefined;
}

/** What is known of an update by all looks so far. */
export interface UpdateTrack {
  /** The state before it was begun. */
  readonly before: string | undefined;
  /** It was seen at work, or the controller was away. */
  readonly hasBegun: boolean;
}

export type UpdateVerdict = 'waiting' | 'running' | 'done' | 'failed';

/** Sources: HPE iLO 4 RESTful API, HpiLOFirmwareUpdate, State; HPE iLO 5 RESTful API, HpeiLOUpdateServiceExt, State. */
const AT_WORK: ReadonlySet<string> = new Set(['uploading', 'progressing', 'verifying', 'writing', 'updating']);
const COMPLETE: ReadonlySet<string> = new Set(['complete', 'completed']);
const ERROR = 'error';

/**
 * What a look says about an update. The state of the update before this one stays until this one begins: it counts only when it is another than before.
 * An idle controller is done when it was at work, and has not begun otherwise.
 */
export function judgeUpdate({ before, hasBegun }: UpdateTrack, { state }: UpdateLook): UpdateVerdict {
  const now = state?.toLowerCase() ?? '';
  if (AT_WORK.has(now)) return 'running';
  const isNew = hasBegun || now !== before?.toLowerCase();
  if (COMPLETE.has(now)) return isNew ? 'done' : 'waiting';
  if (now === ERROR) return isNew ? 'failed' : 'waiting';
  return hasBegun ? 'done' : 'waiting';
}
