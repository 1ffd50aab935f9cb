import { testGeneration } from './test-generation.js';

testGeneration('gen11', 'legacy');
