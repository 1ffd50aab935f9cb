import { runConductor } from '../support/running-conductor.js';
import { describePower } from './suite/power.js';

describePower('SQLite', runConductor);
