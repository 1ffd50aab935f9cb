import { runConductor } from '../support/running-conductor.js';
import { describeRecovery } from './suite/recovery.js';

describeRecovery('SQLite', runConductor, async () => undefined);
