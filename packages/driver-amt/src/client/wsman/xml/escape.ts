const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;',
  // Raw ones are changed by whoever reads them. Source: XML 1.0, sections 2.11 and 3.3.3.
  '\r': '&#13;', '\n': '&#10;', '\t': '&#9;',
};

/** A text as it may stand in an element or an attribute. It must be one that XML can carry: see {@link isXmlText}. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"'\r\n\t]/g, (character) => ESCAPES[character] ?? character);
}

/** Whether XML can carry the text at all: no control characters, no half of a surrogate pair. Source: XML 1.0, section 2.2. */
export function isXmlText(text: string): boolean {
  return !/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u.test(text);
}

const NAME = /^[A-Za-z_][\w.-]*$/;

/** Whether this can be the local name of an element; of ASCII only, as CIM's names are. */
export function isXmlName(name: string): boolean {
  return NAME.test(name);
}
