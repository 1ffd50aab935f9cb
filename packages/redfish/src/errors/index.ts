export { asksForReset, isSuccess } from './message-meanings.js';
export { listOfMessages, parseMessageId, readMessages } from './messages.js';
export type { RedfishMessage } from './messages.js';
export { failedByMessages } from './refusal.js';
export { whileBusy } from './while-busy.js';
export type { WhileBusySettings } from './while-busy.js';
