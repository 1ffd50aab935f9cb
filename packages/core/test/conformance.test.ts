import { testDriver } from '@ferric/core/conformance';
import { lineSubject } from './reference-driver/subject.js';

testDriver('reference-line', lineSubject());
