import type { PluginHost } from '../driver/plugin.js';
import { createGateRegistry, type GateRegistry } from '../gate/gate-registry.js';
import { type Clock, systemClock } from '../time/clock.js';
import { TranscriptRecorder } from '../transcript/transcript.js';
import { createRecordingLogger, type RecordingLogger } from './recording-logger.js';

/** A conductor's side of the plugin contract, for tests: everything that plugins tell it can be read. */
export interface FakeHost extends PluginHost {
  readonly logger: RecordingLogger;
  readonly gates: GateRegistry;
  readonly transcript: TranscriptRecorder;
}

export interface FakeHostSettings {
  /** Default: the clock of this machine. The gates use it too. */
  readonly clock?: Clock;
  /** Lines the logger keeps. Default 1000. */
  readonly logLimit?: number;
  /** Frames the transcript keeps. Default 1000. */
  readonly transcriptLimit?: number;
}

/** Makes what a plugin's `create` takes. */
export function createFakeHost(settings: FakeHostSettings = {}): FakeHost {
  const clock = settings.clock ?? systemClock;
  return {
    clock,
    logger: createRecordingLogger(settings.logLimit),
    gates: createGateRegistry(clock),
    transcript: new TranscriptRecorder(settings.transcriptLimit),
  };
}
