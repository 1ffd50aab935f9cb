/** How the answer to a procedure looks when all went well. */
type Answer = 'empty' | 'domain';

/** One procedure that changes a machine. */
export interface Change {
  readonly name: string;
  /** Present when it changes the power: then a proxy can answer it without carrying it out. */
  readonly answer?: Answer;
}

/** The procedures of the remote program that change a machine. Source: libvirt 9.0.0, src/remote/remote_protocol.x, remote_procedure. */
export const CHANGES: ReadonlyMap<number, Change> = new Map<number, Change>([
  [9, { name: 'domain_create', answer: 'empty' }],
  [10, { name: 'domain_create_xml' }],
  [11, { name: 'domain_define_xml' }],
  [12, { name: 'domain_destroy', answer: 'empty' }],
  [27, { name: 'domain_reboot', answer: 'empty' }],
  [28, { name: 'domain_resume', answer: 'empty' }],
  [33, { name: 'domain_shutdown', answer: 'empty' }],
  [34, { name: 'domain_suspend', answer: 'empty' }],
  [35, { name: 'domain_undefine' }],
  [160, { name: 'domain_attach_device_flags' }],
  [161, { name: 'domain_detach_device_flags' }],
  [174, { name: 'domain_update_device_flags' }],
  [196, { name: 'domain_create_with_flags', answer: 'domain' }],
  [210, { name: 'domain_inject_nmi', answer: 'empty' }],
  [226, { name: 'domain_send_key' }],
  [231, { name: 'domain_undefine_flags' }],
  [234, { name: 'domain_destroy_flags', answer: 'empty' }],
  [245, { name: 'domain_reset', answer: 'empty' }],
  [258, { name: 'domain_shutdown_flags', answer: 'empty' }],
  [264, { name: 'domain_set_metadata' }],
  [350, { name: 'domain_define_xml_flags' }],
]);

/** Each of them is one attempt to log in: auth_sasl_start, auth_polkit. */
export const AUTHENTICATION_PROCEDURES: ReadonlySet<number> = new Set([68, 70]);
