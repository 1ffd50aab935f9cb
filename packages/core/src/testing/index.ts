/**
 * Stand-ins for tests of drivers and of what uses them: clock, logger, plugin host, transports.
 * @packageDocumentation
 */
export { createFakeClock } from './fake-clock.js';
export type { FakeClock } from './fake-clock.js';
export { createRecordingLogger } from './recording-logger.js';
export type { LogLevel, LogLine, RecordingLogger } from './recording-logger.js';
export { createFakeHost } from './fake-host.js';
export type { FakeHost, FakeHostSettings } from './fake-host.js';
export { createFakeDatagramNetwork, systemError } from './fake-datagrams.js';
export type { DatagramAddress, DatagramListener, FakeDatagramNetwork, FakeDatagramSocket, SentDatagram } from './fake-datagrams.js';
export { createFakeConnection } from './fake-stream.js';
export type { FakeConnection } from './fake-stream.js';
export { createFakeTask, sampleNode } from './fake-task.js';
export type { FakeTask, FakeTaskOptions } from './fake-task.js';
export { CERTIFICATE_KEYS } from './certificate/keys.js';
export type { CertificateKey } from './certificate/keys.js';
export { createSelfSignedCertificate } from './certificate/self-signed-certificate.js';
export type { SelfSignedCertificate, SelfSignedCertificateSettings } from './certificate/self-signed-certificate.js';
export { createCertificateRequest } from './certificate/certificate-request.js';
export type { CertificateRequest } from './certificate/certificate-request.js';
export { createCertificateAuthority } from './certificate/certificate-authority.js';
export type { CertificateAuthority, IssueSettings } from './certificate/certificate-authority.js';
export type { CertificateName, IssuedCertificate } from './certificate/certificate-parts.js';
export { watchTimers } from './watch-timers.js';
export type { TimerWatch } from './watch-timers.js';
