import { MASK } from '@ferric/core';

// Every repetition is limited or cannot overlap what follows it: answers come from outside and may be megabytes long.
const SECRET_NAME = '[\\w.-]{0,40}(?:PASSWORD|KEY)';
const EQUALS = '\\s{0,8}=\\s{0,8}';

const PATTERNS: readonly RegExp[] = [
  // PASSWORD="value", KEY='value'
  new RegExp(`(?<lead>(?<![\\w.-])${SECRET_NAME}${EQUALS}")[^"]*`, 'gi'),
  new RegExp(`(?<lead>(?<![\\w.-])${SECRET_NAME}${EQUALS}')[^']*`, 'gi'),
  // <LICENSE_KEY VALUE="value"/>
  new RegExp(`(?<lead><${SECRET_NAME}\\s{1,80}VALUE${EQUALS}")[^"]*`, 'gi'),
  new RegExp(`(?<lead><${SECRET_NAME}\\s{1,80}VALUE${EQUALS}')[^']*`, 'gi'),
  // <KEY>value</KEY>
  new RegExp(`(?<lead><${SECRET_NAME}>)[^<]+`, 'gi'),
  // <KEY><![CDATA[value]]></KEY>
  new RegExp(`(?<lead><${SECRET_NAME}><!\\[CDATA\\[)[^\\]]+`, 'gi'),
];

/**
 * A text of the protocol as others may see it: the values of passwords and keys are `******`, also when the text ends within one.
 * Names count in any case.
 */
export function maskMarkup(text: string): string {
  return PATTERNS.reduce((masked, pattern) => masked.replace(pattern, `$<lead>${MASK}`), text);
}
