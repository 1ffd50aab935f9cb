/** One module of the client's own functional tests. */
export interface SuiteModule {
  readonly name: string;
  /** How many tests it has; fewer that ran are a failure. */
  readonly tests: number;
}

/** Where the modules are. */
export const SUITE_PACKAGE = 'ironicclient.tests.functional.osc.v1';

/** Every module there is, the longest first. Source: Debian 12, python3-ironicclient 5.0.1-2. */
export const SUITE_MODULES: readonly SuiteModule[] = [
  { name: 'test_baremetal_node_basic', tests: 16 },
  { name: 'test_baremetal_allocation', tests: 22 },
  { name: 'test_baremetal_deploy_template_basic', tests: 13 },
  { name: 'test_baremetal_node_create_negative', tests: 13 },
  { name: 'test_baremetal_portgroup_basic', tests: 8 },
  { name: 'test_baremetal_node_fields', tests: 8 },
  { name: 'test_baremetal_node_negative', tests: 8 },
  { name: 'test_baremetal_port_basic', tests: 6 },
  { name: 'test_baremetal_port_create', tests: 3 },
  { name: 'test_baremetal_chassis_basic', tests: 4 },
  { name: 'test_baremetal_node_provision_states', tests: 1 },
  { name: 'test_baremetal_node_power_states', tests: 2 },
  { name: 'test_baremetal_conductor_basic', tests: 2 },
  { name: 'test_baremetal_driver_basic', tests: 2 },
];
