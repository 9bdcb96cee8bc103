import { CallError } from '../callError.ts';
/**
 * Reads numbers and formulas as people type them: decimal commas, separators of thousands, and characters that
 * keyboards and word processors use instead of ASCII (U+2212 for a minus, full-width digits, no-break spaces, `×`,
 * `**`). Ambiguous texts are rejected.
 */

export type TypedNumber =
  /** `text` is the number in JavaScript's notation. */
  | { value: number; text: string }
  /** The problem, as the end of a sentence: `found "1 5"`. */
  | { problem: string };

const DASHES = /[\u2010-\u2015\u2212\ufe58\ufe63]/g;
const SPACES = /[\p{Zs}\t]/gu;
/** Zero-width characters and directional marks, which copied text may contain. */
const INVISIBLE = /[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
const FULL_WIDTH = /[\uff01-\uff5e]/g;
/** Zeros of Arabic, Persian and Devanagari digits; the other digits follow each zero. */
const ZEROS = [0x660, 0x6f0, 0x966];
const OTHER_DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f]/g;
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const RAISED = /([⁺⁻]?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g;

/** The text with all characters replaced that have an unambiguous ASCII equivalent. */
export function plainText(text: string): string {
  return text
    .replace(INVISIBLE, '')
    .replace(SPACES, ' ')
    .replace(FULL_WIDTH, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0))
    .replace(OTHER_DIGITS, asciiDigit)
    .replace(DASHES, '-')
    .replace(RAISED, (_, sign: string, digits: string) => `^(${sign === '⁻' ? '-' : ''}${lowered(digits)})`)
    .replace(/\u066b/g, '.')
    .replace(/[\u066c\u2019]/g, "'")
    .replace(/[×∗⋅∙]|(?<!\d)·|·(?!\d)/g, '*')
    .replace(/[÷∕⁄]/g, '/')
    .replace(/ˆ/g, '^')
    .trim();
}

function asciiDigit(digit: string): string {
  const code = digit.charCodeAt(0);
  const zero = ZEROS.findLast((first) => first <= code) ?? code;
  return String(code - zero);
}

function lowered(digits: string): string {
  return Array.from(digits, (digit) => SUPERSCRIPTS.indexOf(digit)).join('');
}

/** Maximum length of a typed number; the pattern below is slow on long texts. */
const LONGEST = 100;
/** Mantissa, then an exponent as `e-3` or as `* 10^-3`. */
const NUMBER = /^([+-]?) ?([\d.,' _]*\d[\d.,' _]*)(?:e([+-]?\d+)| ?\* ?10 ?(?:\^|\*\*) ?\(?([+-]?\d+)\)?)?$/i;
const POWER_OF_TEN = /^([+-]?) ?10 ?(?:\^|\*\*) ?\(?([+-]?\d+)\)?$/;

/**
 * Reads a number that a person typed.
 * @param whole whether the number is a count: `1,000` then means a thousand, and `1.000` is rejected.
 */
export function readNumber(text: string, { whole = false } = {}): TypedNumber {
  if (text.length > LONGEST) return { problem: `found ${text.length} characters` };
  const plain = plainText(text);
  const strange = strangeCharacter(plain);
  if (strange) return { problem: strange };
  const power = POWER_OF_TEN.exec(plain);
  const match = power ?? NUMBER.exec(plain);
  if (!match) return { problem: `found "${text}"` };
  const sign = match[1] === '-' ? '-' : '';
  const exponent = power ? power[2] : (match[3] ?? match[4]);
  const mantissa = power ? { text: '1' } : readMantissa(match[2].trim(), whole && exponent === undefined);
  if ('problem' in mantissa) return mantissa;
  const read = `${sign}${mantissa.text}${exponent === undefined ? '' : `e${exponent}`}`;
  const value = Number(read);
  return Number.isFinite(value) ? { value, text: read } : { problem: `found "${text}"` };
}

/** Digits with a point or comma and separators of thousands; the result has at most one point. */
function readMantissa(text: string, whole: boolean): { text: string } | { problem: string } {
  if (/^[1-9]\d{0,2}[.,]\d{3}$/.test(text) && text.includes(whole ? '.' : ',')) {
    const digits = text.replace(/[.,]/, '');
    const decimal = String(Number(text.replace(',', '.')));
    return {
      problem: `found "${text}", which is ${decimal} to some and ${digits} to others: write ${decimal} or ${digits}`,
    };
  }
  if (/^\d*\.?\d*$/.test(text)) return { text };
  const grouped = /^([1-9]\d{0,2})(?:([,.' _])\d{3})(?:\2\d{3})*(?:([.,])\d*)?$/.exec(text);
  if (grouped && grouped[2] !== grouped[3]) {
    const [, , separator, point] = grouped;
    const several = text.split(separator).length > 2;
    if (point || several || !'.,'.includes(separator) || whole) {
      return { text: text.replaceAll(separator, '').replace(',', '.') };
    }
  }
  if (/^\d*,\d*$/.test(text)) return { text: text.replace(',', '.') };
  return { problem: `found "${text}"` };
}

/**
 * Converts a typed formula for the parser: ASCII characters, `^` for `**`, and a decimal point for the comma of a single
 * number. A comment after `#` is unchanged.
 * @throws an Error for characters or commas that are unreadable or ambiguous.
 */
export function plainExpression(text: string): string {
  const comment = text.indexOf('#');
  const code = comment < 0 ? text : text.slice(0, comment);
  const plain = plainText(code).replace(/\*\*/g, '^');
  const strange = strangeCharacter(plain);
  if (strange) throw refused(strange);
  const formula = /[,' _]/.test(plain) && NUMBER.test(plain) ? singleNumber(plain) : plain;
  const comma = decimalComma(formula);
  if (comma) {
    const [before, after] = comma.split(',');
    throw refused(
      `found "${comma}": write ${before}.${after} for a decimal, and a space after a comma between inputs`,
    );
  }
  return comment < 0 ? formula : `${formula} ${text.slice(comment)}`.trim();
}

function singleNumber(plain: string): string {
  const typed = readNumber(plain);
  if ('problem' in typed) throw refused(typed.problem);
  return typed.text;
}

function refused(problem: string): Error {
  return new CallError('parseExpression', `expected an expression, ${problem}`);
}

/**
 * Finds a comma between two digits that is not a separator of inputs. Outside brackets commas never separate; in `min(0,5,
 * 1)` only the comma before a space does.
 */
function decimalComma(text: string): string | undefined {
  const [comma] = /\d+,\d+/.exec(text) ?? [];
  if (!comma) return undefined;
  const outside = text.replace(/[a-z]\w*\s*\(.*\)/gis, '');
  return /\d,\d/.test(outside) || /,\s|;/.test(text) ? comma : undefined;
}

/** Names the first character that is invalid in numbers and formulas. Letters are checked by the parser. */
function strangeCharacter(plain: string): string | undefined {
  const [strange] = /[^\p{ASCII}\p{L}]/u.exec(plain) ?? [];
  if (strange === undefined) return undefined;
  const code = strange.codePointAt(0) ?? 0;
  return `found the character "${strange}" (U+${code.toString(16).toUpperCase().padStart(4, '0')})`;
}
