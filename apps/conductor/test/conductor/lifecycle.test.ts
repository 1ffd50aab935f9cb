import { runConductor } from '../support/running-conductor.js';
import { describeLifecycle } from './suite/lifecycle.js';

describeLifecycle('SQLite', runConductor);
