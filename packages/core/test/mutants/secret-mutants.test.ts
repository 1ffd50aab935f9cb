import { SECRET_MUTANTS } from './secret-mutants.js';
import { testMutants } from './mutant.js';

testMutants('secret', SECRET_MUTANTS);
