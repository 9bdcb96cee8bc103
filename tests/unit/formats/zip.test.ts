import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../../src/ml/formats/crc32.ts';
import { readZip, writeZip } from '../../../src/ml/formats/zip.ts';

const text = (content: string) => new TextEncoder().encode(content);

/** In a form that compares quickly and in any order. */
const plain = (files: Map<string, Uint8Array>) =>
  [...files].map(([name, bytes]) => `${name}: ${Buffer.from(bytes).toString('hex')}`).sort();

interface Part {
  name?: string;
  localName?: string;
  content?: Uint8Array;
  packed?: Uint8Array;
  method?: number;
  flags?: number;
  crc?: number;
  size?: number;
  unixMode?: number;
  /** Points at the first file's bytes instead of its own. */
  shared?: boolean;
}

/** A hand-made archive, which can contain false statements. */
function archive(parts: Part[], { count = parts.length, comment = '' } = {}): Uint8Array {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const part of parts) {
    const content = part.content ?? text('content');
    const { name = 'a.txt', method = 0, flags = 0 } = part;
    const { packed = method === 8 ? deflateRawSync(content) : content, size = content.length } = part;
    const crc = part.crc ?? crc32(content);
    const localName = Buffer.from(part.localName ?? name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(localName.length, 26);
    const record = Buffer.alloc(46);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(flags, 8);
    record.writeUInt16LE(method, 10);
    record.writeUInt32LE(crc, 16);
    record.writeUInt32LE(packed.length, 20);
    record.writeUInt32LE(size, 24);
    record.writeUInt16LE(Buffer.byteLength(name), 28);
    record.writeUInt32LE(((part.unixMode ?? 0o100644) << 16) >>> 0, 38);
    record.writeUInt32LE(part.shared ? 0 : offset, 42);
    directory.push(record, Buffer.from(name));
    if (!part.shared) {
      locals.push(local, localName, Buffer.from(packed));
      offset += local.length + localName.length + packed.length;
    }
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return new Uint8Array(Buffer.concat([...locals, ...directory, end, Buffer.from(comment)]));
}

describe('crc32', () => {
  it('gives the check value of the standard', () => {
    expect(crc32(text('123456789'))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });
});

describe('readZip', () => {
  it('reads the output of writeZip, stored or deflated, which is the same for the same files', () => {
    const name = fc.stringMatching(/^[a-z0-9äß漢][a-z0-9._ -]{0,8}(\/[a-z0-9]{1,5}){0,2}$/);
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constant(new Uint8Array(5_000)));
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, bytes), { selector: ([key]) => key }), (list) => {
        const files = new Map(list);
        const options = { stored: (key: string) => key.length % 2 === 0 };
        const written = writeZip(files, options);
        expect(plain(readZip(written))).toEqual(plain(files));
        expect(Buffer.from(writeZip(files, options)).equals(written)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('reads other archives: with folders, with comments, empty', () => {
    const files = readZip(
      archive(
        [
          { name: 'folder/', content: text(''), unixMode: 0o40755 },
          { name: 'folder/a', method: 8 },
        ],
        {
          comment: 'made elsewhere',
        },
      ),
    );
    expect([...files]).toEqual([['folder/a', text('content')]]);
    expect(readZip(archive([])).size).toBe(0);
    expect([...readZip(zipSync({ 'b/c.txt': text('x'.repeat(70_000)) })).keys()]).toEqual(['b/c.txt']);
  });

  it.each([
    '../evil',
    'a/../../evil',
    '/etc/passwd',
    'C:/evil',
    'c:evil',
    '..\\evil',
    'a//b',
    './a',
    'a/./b',
    'a\0.png',
    'x'.repeat(256),
  ])('refuses the path %j', (name) => {
    expect(() => readZip(archive([{ name }]))).toThrow('expected plain paths');
    expect(() => writeZip(new Map([[name, text('')]]))).toThrow('expected a plain path');
  });

  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'expected a ZIP archive, found none'],
    ['a text', text('I am no archive, only a rather long text.'), 'expected a ZIP archive'],
    ['a cut archive', archive([{}]).subarray(0, 90), 'expected a ZIP archive'],
    ['a missing beginning', archive([{}]).subarray(10), 'directory before its end'],
    ['too few records', archive([{}], { count: 2 }), 'expected 2 files in the directory, found 1'],
    [
      'ZIP64 without its record',
      archive([{}], { count: 0xffff }),
      'record of ZIP64 before the end, found none',
    ],
    ['a name twice', archive([{}, {}]), 'found "a.txt" twice'],
    ['two names for one file', archive([{ localName: 'b.txt' }]), 'found two for "a.txt"'],
    ['a password', archive([{ flags: 1 }]), 'without a password'],
    ['a link', archive([{ unixMode: 0o120777 }]), 'found the link "a.txt"'],
    ['another method', archive([{ method: 14 }]), 'packed by method 14'],
    ['a wrong checksum', archive([{ crc: 1 }]), 'its checksum differs'],
    ['a wrong size', archive([{ size: 3 }]), 'expected 3 bytes in "a.txt", found 7'],
    ['more than it states', archive([{ method: 8, size: 3 }]), 'expected 3 bytes in "a.txt", found more'],
    ['less than it states', archive([{ method: 8, size: 30 }]), 'expected 30 bytes in "a.txt", found 7'],
    ['damaged data', archive([{ method: 8, packed: Uint8Array.of(7, 7, 7) }]), 'its data are damaged'],
    ['names that are not UTF-8', zipSync({ é: [text(''), {}] }).map((b) => (b === 0xc3 ? 0xff : b)), 'UTF-8'],
  ])('refuses %s', (_, file, message) => {
    expect(() => readZip(file)).toThrow(message);
    expect(() => readZip(file)).toThrow(/^expected /);
  });

  it('reads ZIP64’s fields, which archivers also write for small files', () => {
    const plain = archive([{ name: 'a.txt' }, { name: 'b.txt', method: 8 }]);
    const end = plain.length - 22;
    const view = new DataView(plain.buffer, plain.byteOffset);
    const start = view.getUint32(end + 16, true);
    // The directory's records, each with its sizes and place in an extra field.
    const records: Buffer[] = [];
    for (let at = start; at < end; at += 46 + view.getUint16(at + 28, true)) {
      const record = Buffer.from(plain.subarray(at, at + 46 + view.getUint16(at + 28, true)));
      const extra = Buffer.alloc(28);
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      for (const [i, field] of [24, 20, 42].entries()) {
        extra.writeBigUInt64LE(BigInt(record.readUInt32LE(field)), 4 + 8 * i);
        record.writeUInt32LE(0xffffffff, field);
      }
      record.writeUInt16LE(extra.length, 30);
      records.push(record, extra);
    }
    const directory = Buffer.concat(records);
    const end64 = Buffer.alloc(56);
    end64.writeUInt32LE(0x06064b50, 0);
    end64.writeBigUInt64LE(44n, 4);
    for (const [at, value] of [
      [24, 2],
      [32, 2],
      [40, directory.length],
      [48, start],
    ]) {
      end64.writeBigUInt64LE(BigInt(value), at);
    }
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50, 0);
    locator.writeBigUInt64LE(BigInt(start + directory.length), 8);
    const last = Buffer.alloc(22, 0xff);
    last.writeUInt32LE(0x06054b50, 0);
    last.writeUInt16LE(0, 20);
    const whole = new Uint8Array(Buffer.concat([plain.subarray(0, start), directory, end64, locator, last]));
    expect([...readZip(whole)]).toEqual([
      ['a.txt', text('content')],
      ['b.txt', text('content')],
    ]);
  });

  it('reads names in other encodings and with backslashes', () => {
    expect([...readZip(archive([{ name: 'folder\\a.txt' }])).keys()]).toEqual(['folder/a.txt']);
  });
});

describe('the limits of readZip', () => {
  it('enforces its limits', () => {
    const many = archive(Array.from({ length: 11 }, (_, i) => ({ name: `${i}` })));
    expect(() => readZip(many, { maxEntries: 10 })).toThrow('expected at most 10 files, found 11');
    expect(() => readZip(many, { maxBytes: 76 })).toThrow('expected at most 76 bytes unpacked, found 77');
    expect(readZip(many, { maxEntries: 11, maxBytes: 77 }).size).toBe(11);
  });

  it('rejects bombs, by their directory or during unpacking', () => {
    const zeros = new Uint8Array(5_000_000);
    const packed = deflateRawSync(zeros);
    expect(() => readZip(archive([{ method: 8, content: zeros, packed }]))).toThrow(
      'packed at most 250 to 1',
    );
    // States a small size, but unpacks to 30 MB.
    const hidden = deflateRawSync(new Uint8Array(30_000_000));
    expect(() => readZip(archive([{ method: 8, packed: hidden, size: 100 }]))).toThrow('found more');
    // A thousand names for the same bytes.
    const shared = Array.from({ length: 1000 }, (_, i) => ({
      name: 'a.txt',
      localName: 'a.txt',
      shared: i > 0,
    }));
    expect(() => readZip(archive(shared))).toThrow('expected each name once');
    const content = new Uint8Array(1000);
    const overlapping = archive([
      { name: 'a', content },
      ...Array.from({ length: 5 }, () => ({ name: 'b', localName: 'a', content, shared: true })),
    ]);
    expect(() => readZip(overlapping)).toThrow('found two for "b"');
  });
});
