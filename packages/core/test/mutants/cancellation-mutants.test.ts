import { CANCELLATION_MUTANTS } from './cancellation-mutants.js';
import { testMutants } from './mutant.js';

testMutants('cancellation', CANCELLATION_MUTANTS);
