export { startVirtualDevice } from './virtual-device.js';
