import { runConductor } from '../support/running-conductor.js';
import { describeProvisioning } from './suite/provisioning.js';

describeProvisioning('SQLite', runConductor, async () => ({}));
