import type { JsonObject } from '@ferric/core';
import { asText, type Resource, type RestContext } from '../rest/resource.js';
import { collection, link, oem, OK, resource } from './build.js';

function readThermal(context: RestContext): JsonObject {
  const { fans, thermometers } = context.machine.hardware;
  return resource(context, 'Chassis/1/Thermal', 'Thermal', {
    Name: 'Thermal',
    Fans: fans.map(({ name, percent }, index) => ({
      '@odata.id': `${context.href('Chassis/1/Thermal')}#Fans/${index}`,
      MemberId: String(index),
      Name: name,
      Oem: oem(context, 'HpeServerFan', { HotPluggable: true, Location: 'System', Redundant: true }),
      Reading: percent,
      ReadingUnits: 'Percent',
      Status: OK,
    })),
    Temperatures: thermometers.map(({ name, context: place, celsius, caution, critical }, index) => ({
      '@odata.id': `${context.href('Chassis/1/Thermal')}#Temperatures/${index}`,
      MemberId: String(index),
      Name: name,
      PhysicalContext: place,
      ReadingCelsius: celsius,
      SensorNumber: index + 1,
      Status: OK,
      UpperThresholdCritical: caution === 0 ? null : caution,
      UpperThresholdFatal: critical === 0 ? null : critical,
    })),
  });
}

function readPower(context: RestContext): JsonObject {
  const { hardware, power } = context.machine;
  const { consumption, powerSupplies } = hardware;
  const present = power.isOn ? consumption.present : 0;
  return resource(context, 'Chassis/1/Power', 'Power', {
    Name: 'PowerMetrics',
    PowerControl: [
      {
        '@odata.id': `${context.href('Chassis/1/Power')}#PowerControl/0`,
        MemberId: '0',
        PowerCapacityWatts: powerSupplies.reduce((sum, { watts }) => sum + watts, 0),
        PowerConsumedWatts: present,
        PowerMetrics: {
          AverageConsumedWatts: consumption.average, IntervalInMin: 20, MaxConsumedWatts: consumption.maximum, MinConsumedWatts: consumption.minimum,
        },
      },
    ],
    PowerSupplies: powerSupplies.map(({ bay, model, serialNumber, watts, outputWatts }, index) => ({
      '@odata.id': `${context.href('Chassis/1/Power')}#PowerSupplies/${index}`,
      FirmwareVersion: '1.00',
      LastPowerOutputWatts: power.isOn ? outputWatts : 0,
      LineInputVoltage: 230,
      LineInputVoltageType: 'ACHighLine',
      Manufacturer: 'DELTA',
      MemberId: String(index),
      Model: model,
      Name: 'HpeServerPowerSupply',
      Oem: oem(context, 'HpeServerPowerSupply', { AveragePowerOutputWatts: outputWatts, BayNumber: bay, HotplugCapable: true, MaxPowerOutputWatts: 96, iPDUCapable: false }),
      PowerCapacityWatts: watts,
      PowerSupplyType: 'AC',
      SerialNumber: serialNumber,
      Status: OK,
    })),
    Redundancy: [
      {
        '@odata.id': `${context.href('Chassis/1/Power')}#Redundancy/0`,
        MaxNumSupported: powerSupplies.length, MemberId: '0', MinNumNeeded: powerSupplies.length, Mode: 'Failover', Name: 'PowerSupply Redundancy Group 1', Status: OK,
      },
    ],
  });
}

export const CHASSIS_RESOURCES: readonly Resource[] = [
  { path: 'Chassis', read: (context) => collection(context, 'Chassis', 'ChassisCollection', ['Chassis/1']) },
  {
    path: 'Chassis/1',
    read(context) {
      const { identity, identifyLight } = context.machine;
      return resource(context, 'Chassis/1', 'Chassis', {
        Name: 'Computer System Chassis',
        ChassisType: 'RackMount',
        IndicatorLED: identifyLight === 'On' ? 'Lit' : 'Off',
        Links: { ComputerSystems: [link(context, 'Systems/1')], ManagedBy: [link(context, 'Managers/1')] },
        Manufacturer: 'HPE',
        Model: identity.productName,
        Oem: oem(context, 'HpeServerChassis', { Links: { Devices: link(context, 'Chassis/1/Devices') } }),
        Power: link(context, 'Chassis/1/Power'),
        SKU: identity.facts.partNumber,
        SerialNumber: identity.serialNumber,
        Status: { Health: 'OK', State: context.machine.power.isOn ? 'Enabled' : 'Disabled' },
        Thermal: link(context, 'Chassis/1/Thermal'),
      });
    },
    writable: ['IndicatorLED', 'AssetTag'],
    patch: ({ machine, caller }, body) =>
      caller.perform('set identify light', () => {
        machine.identifyLight = asText(body['IndicatorLED']) === 'Off' ? 'Off' : 'On';
        return undefined;
      }),
  },
  { path: 'Chassis/1/Thermal', read: readThermal },
  { path: 'Chassis/1/Power', read: readPower },
];
