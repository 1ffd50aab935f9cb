import { FAULT_MUTANTS } from './fault-mutants.js';
import { testMutants } from './mutant.js';

testMutants('fault', FAULT_MUTANTS);
