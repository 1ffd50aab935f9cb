// What distinguishes the generations. Sources: HPE "iLO RESTful API" for iLO 4, iLO 5 and iLO 6; recorded answers, the folders of test/fixtures.

export const GENERATIONS = ['gen8', 'gen9', 'gen10', 'gen11'] as const;
export type Generation = (typeof GENERATIONS)[number];

/** The facts of one generation that do not change. */
export interface GenerationFacts {
  readonly iloNumber: 4 | 5 | 6;
  /** Version of the iLO's firmware when none is asked for. */
  readonly firmwareVersion: string;
  readonly firmwareDate: string;
  readonly productName: string;
  readonly partNumber: string;
  /** The key under which the vendor's own properties stand. */
  readonly oem: 'Hp' | 'Hpe';
  readonly romFamily: string;
  readonly romVersion: string;
  /** As month/day/year. */
  readonly romDate: string;
  readonly processorModel: string;
  readonly controllerModel: string;
  readonly networkAdapter: string;
}

export const FACTS: Readonly<Record<Generation, GenerationFacts>> = {
  gen8: {
    iloNumber: 4,
    firmwareVersion: '1.51',
    firmwareDate: 'Jun 16 2014',
    productName: 'ProLiant DL380p Gen8',
    partNumber: '653200-B21',
    oem: 'Hp',
    romFamily: 'P70',
    romVersion: 'P70',
    romDate: '11/26/2014',
    processorModel: 'Intel(R) Xeon(R) CPU E5-2650 0 @ 2.00GHz',
    controllerModel: 'HP Smart Array P420i Controller',
    networkAdapter: 'HP Ethernet 1Gb 4-port 331FLR Adapter',
  },
  gen9: {
    iloNumber: 4,
    firmwareVersion: '2.55',
    firmwareDate: 'Aug 16 2017',
    productName: 'ProLiant BL460c Gen9',
    partNumber: '727021-B21',
    oem: 'Hp',
    romFamily: 'I36',
    romVersion: 'v2.40',
    romDate: '02/17/2017',
    processorModel: 'Intel(R) Xeon(R) CPU E5-2609 v3 @ 1.90GHz',
    controllerModel: 'HP Smart Array P244br Controller',
    networkAdapter: 'HP Ethernet 1Gb 4-port 331i Adapter',
  },
  gen10: {
    iloNumber: 5,
    firmwareVersion: '2.44',
    firmwareDate: 'Apr 15 2021',
    productName: 'ProLiant DL380 Gen10',
    partNumber: '868703-B21',
    oem: 'Hpe',
    romFamily: 'U30',
    romVersion: 'v2.42',
    romDate: '01/23/2021',
    processorModel: 'Intel(R) Xeon(R) Silver 4110 CPU @ 2.10GHz',
    controllerModel: 'HPE Smart Array P408i-a SR Gen10',
    networkAdapter: 'HPE Ethernet 1Gb 4-port 331i Adapter',
  },
  gen11: {
    iloNumber: 6,
    firmwareVersion: '1.53',
    firmwareDate: 'Oct 17 2023',
    productName: 'ProLiant DL360 Gen11',
    partNumber: 'P52499-B21',
    oem: 'Hpe',
    romFamily: 'U54',
    romVersion: 'v1.48',
    romDate: '10/19/2023',
    processorModel: 'INTEL(R) XEON(R) GOLD 5418Y',
    controllerModel: 'HPE MR416i-p Gen11',
    networkAdapter: 'HPE Ethernet 1Gb 4-port BASE-T BCM5719 Adapter',
  },
};

/** Which interfaces an iLO has. */
export interface Faces {
  readonly ribcl: boolean;
  /** `/rest/v1`, the ancestor of Redfish. */
  readonly ris: boolean;
  /** `early`: both styles of properties in one answer, as iLO 4 gives them. */
  readonly redfish: 'early' | 'full' | undefined;
}

/** True when `version` (`2.44`) is at least `least`. */
export function isAtLeast(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** The interfaces of an iLO by its generation and firmware. iLO 4 got `/rest/v1` with 2.00 and Redfish with 2.30. */
export function facesOf(generation: Generation, firmwareVersion: string): Faces {
  if (FACTS[generation].iloNumber > 4) return { ribcl: generation === 'gen10', ris: false, redfish: 'full' };
  return { ribcl: true, ris: isAtLeast(firmwareVersion, '2.00'), redfish: isAtLeast(firmwareVersion, '2.30') ? 'early' : undefined };
}
