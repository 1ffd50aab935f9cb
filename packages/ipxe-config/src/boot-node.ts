import type { NodeInterfaces, NodeView } from '@ferric/core';

/** What is read of a node; every `NodeView` is one. */
export interface BootNode extends Pick<NodeView, 'uuid' | 'provisionState' | 'driverInfo' | 'driverInternalInfo' | 'instanceInfo' | 'properties'> {
  readonly interfaces: Pick<NodeInterfaces, 'boot' | 'deploy'>;
}
