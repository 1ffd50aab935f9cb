import { LIFETIME_MUTANTS } from './lifetime-mutants.js';
import { testMutants } from './mutant.js';

testMutants('lifetime', LIFETIME_MUTANTS);
