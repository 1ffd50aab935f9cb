export { listMembers, membersOf, readIfThere, readMembers } from './collection.js';
export type { CollectionOptions, Member } from './collection.js';
