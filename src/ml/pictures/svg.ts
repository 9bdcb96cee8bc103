/** Namespaces that a standalone SVG must declare, but an SVG inside a web page need not. */
const NAMESPACES = [
  { attribute: 'xmlns', used: /^/, address: 'http://www.w3.org/2000/svg' },
  { attribute: 'xmlns:xlink', used: /\sxlink:/, address: 'http://www.w3.org/1999/xlink' },
];

/**
 * Declares missing namespaces on the root of an SVG, such as one copied from a web page. `missing` names those that
 * were added.
 */
export function completeSvg(bytes: Uint8Array): { text: string; missing: string[] } {
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  const text = new TextDecoder(utf16 ? 'utf-16le' : 'utf-8').decode(bytes);
  const root = /<svg(?=[\s>/])(?:"[^"]*"|'[^']*'|[^'">])*>/.exec(text);
  if (!root) return { text, missing: [] };
  const added = NAMESPACES.filter(
    ({ attribute, used }) => used.test(text) && !new RegExp(`\\s${attribute}\\s*=`).test(root[0]),
  );
  const declarations = added.map(({ attribute, address }) => ` ${attribute}="${address}"`).join('');
  const at = root.index + '<svg'.length;
  return {
    text: text.slice(0, at) + declarations + text.slice(at),
    missing: added.map(({ attribute }) => attribute),
  };
}
