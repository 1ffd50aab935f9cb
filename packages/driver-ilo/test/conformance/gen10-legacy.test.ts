import { testGeneration } from './test-generation.js';

testGeneration('gen10', 'legacy');
