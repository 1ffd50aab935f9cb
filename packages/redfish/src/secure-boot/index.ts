export { decodeSecureBoot, KEY_RESETS, readSecureBoot, resetSecureBootKeys, setSecureBoot } from './secure-boot.js';
export type { KeyReset, SecureBootState } from './secure-boot.js';
