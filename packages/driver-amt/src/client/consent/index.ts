export { createConsentCalls } from './consent-calls.js';
export type { ConsentCalls, ConsentReading } from './consent-calls.js';
