import type { RecordedExchange } from './recorded.js';

/** A request that is not in the record, sent before one that is. */
export interface Preparation {
  readonly before: string;
  readonly request: RecordedExchange['request'];
  readonly reason: string;
}

const HEADERS = { 'content-type': 'application/json', 'x-openstack-ironic-api-version': '1.82' };
const changeRaid = (implementation: string): RecordedExchange['request'] => ({
  method: 'PATCH', path: '/v1/nodes/fix-1', headers: HEADERS, body: [{ op: 'replace', path: '/raid_interface', value: implementation }],
});

/** What the recorded Ironic had, or had not, and the conductor here is given so that the record fits. */
export const PREPARATIONS: readonly Preparation[] = [
  {
    before: '001',
    request: { method: 'POST', path: '/v1/nodes', headers: HEADERS, body: { driver: 'fake-hardware', name: 'n1' } },
    reason: 'The recorded Ironic had nodes before: the first pages of lists are not empty.',
  },
  { before: '109', request: changeRaid('no-raid'), reason: 'The fake driver of Ironic has no steps of RAID; that this cleaning fails is a part of the record.' },
  { before: '113', request: changeRaid('fake'), reason: 'As it was.' },
];
