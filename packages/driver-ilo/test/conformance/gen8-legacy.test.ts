import { testGeneration } from './test-generation.js';

testGeneration('gen8', 'legacy');
