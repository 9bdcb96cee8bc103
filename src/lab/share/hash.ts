import { placedMessageOf } from '../state/errorText.ts';
import type { Configuration } from './configuration.ts';
import { LINK_KEYS } from './linkKeys.ts';
import { shown } from './linkValues.ts';
import { mendedLink } from './mendedLink.ts';

/**
 * A configuration as the address's hash:
 * `#v=1&seed=111&lr=1e-3&panel=geometry&layer=fc&image=test:7&at=best&hide=settings,adversarial`. Defaults are omitted. The
 * engine is never included, because it depends on the reader's machine.
 */

const VERSION = 2;
/** Pages of version 1 do not know these keys. Links with them say version 2, so that such a page says that it is older. */
const KEYS_OF_VERSION_2: ReadonlySet<string> = new Set(['data', 'net', 'opt']);
/** Longer hashes are not read; valid hashes are much shorter. */
export const MOST_CHARACTERS = 8000;

export interface ReadHash {
  configuration: Configuration;
  /** A sentence per problem; the rest of the link applies. */
  problems: string[];
}

/**
 * Reads a hash, with or without its `#`. Learning rates are only checked for length; `checkLearningRate` parses them.
 * @returns undefined if the hash is not a configuration, such as `#filters`.
 */
export function readHash(hash: string): ReadHash | undefined {
  const text = mendedLink(hash.replace(/^#+/, ''));
  if (!text.includes('=') && !/^v%/i.test(text)) return undefined;
  const configuration: Configuration = { settings: {}, hide: [] };
  const problems: string[] = [];
  const read: ReadHash = { configuration, problems };
  if (text.length > MOST_CHARACTERS) {
    problems.push(
      `The link is too long: at most ${MOST_CHARACTERS} characters are read, and it has ${text.length}. The link is ignored.`,
    );
    return read;
  }
  const entries = new Map(new URLSearchParams(text.replaceAll('+', '%2B')));
  const version = entries.get('v');
  if (version !== '1' && version !== String(VERSION)) {
    problems.push(
      /^\d{1,6}$/.test(version ?? '') && Number(version) > VERSION
        ? `The link is of version ${version}, newer than this page, which reads ${VERSION}. Reload the page to get the newest one.`
        : `The link should begin with v=1 or v=${VERSION}, and it does not. The link is ignored.`,
    );
    return read;
  }
  entries.delete('v');
  for (const [key, value] of entries) {
    try {
      const known = LINK_KEYS.get(key);
      if (!known) throw new Error(`The link says ${shown(key)}, which means nothing here`);
      known.read(configuration, value);
    } catch (error) {
      problems.push(`${placedMessageOf(error)}. The rest of the link holds.`);
    }
  }
  return read;
}

/** The hash of a configuration, with its `#`; defaults are omitted. */
export function writeHash(configuration: Configuration): string {
  const entries = [...LINK_KEYS].flatMap(([key, { write }]) => {
    const value = write(configuration);
    return value === undefined ? [] : [{ key, text: `${key}=${readable(value)}` }];
  });
  const version = entries.some(({ key }) => KEYS_OF_VERSION_2.has(key)) ? VERSION : 1;
  return `#${[`v=${version}`, ...entries.map(({ text }) => text)].join('&')}`;
}

/** Like `encodeURIComponent`, except for characters that are allowed in a hash. */
function readable(value: string): string {
  return encodeURIComponent(value).replace(/%(?:3A|2C|2F|40)/g, decodeURIComponent);
}
