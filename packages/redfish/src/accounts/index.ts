export { changePassword, findAccount, readAccounts } from './accounts.js';
export type { Account } from './accounts.js';
