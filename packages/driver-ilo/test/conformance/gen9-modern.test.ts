import { testGeneration } from './test-generation.js';

testGeneration('gen9', 'modern');
