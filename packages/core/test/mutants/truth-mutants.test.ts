import { TRUTH_MUTANTS } from './truth-mutants.js';
import { testMutants } from './mutant.js';

testMutants('truth', TRUTH_MUTANTS);
