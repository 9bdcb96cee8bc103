/**
 * Repairs a hash without its `#`. Mail and chat programs encode `=` and `&`, write `&amp;`, wrap lines, and include the
 * period or bracket after a link. A hash that cannot be repaired is returned unchanged.
 */
export function mendedLink(text: string): string {
  if (text.length > MOST) return text;
  const seen = text.replace(INVISIBLE, '');
  const decoded = (/^v=/i.test(seen) ? seen : decodedOnce(seen)).replace(INVISIBLE, '');
  // Quoted-printable mail encodes = as =3D.
  const plain = /^v=3D/i.test(decoded) ? decoded.replace(/=3D/gi, '=') : decoded;
  return withoutTrail(plain.replace(/&(?:amp;|#38;|#x26;)+/gi, '&'));
}

/** Maximum length, as in `readHash`. */
const MOST = 8000;
/** Zero-width characters and soft hyphens, plain and percent-encoded. */
const INVISIBLE = /[\u00ad\u200b\u2060\ufeff]|%C2%AD|%E2%80%8B|%E2%81%A0|%EF%BB%BF/gi;
/** Punctuation after a link in a sentence, plain and percent-encoded. */
const TRAIL =
  /(?:[\s.,;:!?"'<>\]}|*_’”»]|&(?:gt|lt|quot|nbsp);?|%(?:20|0A|0D|09|22|27|2C|3B|3C|3E|5D|7D)|%C2%(?:A0|BB)|%E2%80%9[9D])+$/i;

/** Decodes a hash that was encoded as a whole, which has no plain `=` or begins with an encoded one. */
function decodedOnce(text: string): string {
  let result = text;
  // Some programs encode twice.
  for (let times = 0; times < 2 && /^v%(?:25)?3D/i.test(result); times++) {
    try {
      result = result.includes('=')
        ? result.replace(/(^|&)([a-z]+)%3D/gi, '$1$2=')
        : decodeURIComponent(result);
    } catch {
      return result.replace(/%3D/gi, '=').replace(/%26/g, '&');
    }
  }
  return result;
}

/** Removes trailing punctuation, including a closing bracket that the last entry does not open. */
function withoutTrail(text: string): string {
  let result = text;
  for (;;) {
    const shorter = result.replace(TRAIL, '');
    const last = shorter
      .slice(shorter.lastIndexOf('&') + 1)
      .replace(/%28/g, '(')
      .replace(/%29/g, ')');
    const unopened = last.split(')').length > last.split('(').length;
    const next = unopened ? shorter.replace(/(?:\)|%29)$/, '') : shorter;
    if (next === result) return result;
    result = next;
  }
}
