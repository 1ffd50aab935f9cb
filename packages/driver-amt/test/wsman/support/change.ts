/** A change of the power, whose second time would do harm: arguments of `invoke`. */
export const CHANGE = ['CIM_PowerManagementService', 'RequestPowerStateChange', { fields: [{ name: 'PowerState', value: 10 }] }] as const;
