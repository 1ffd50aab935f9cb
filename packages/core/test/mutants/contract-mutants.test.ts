import { CONTRACT_MUTANTS } from './contract-mutants.js';
import { testMutants } from './mutant.js';

testMutants('contract', CONTRACT_MUTANTS);
