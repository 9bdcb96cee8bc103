import { expect, test } from 'vitest';
import { createSerial } from '../../../src/workers/serial.ts';

test('work runs one piece at a time, in order; a failure does not block the next piece', async () => {
  const serial = createSerial();
  const seen: string[] = [];
  const piece = (name: string) => async () => {
    seen.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve));
    seen.push(`${name} ends`);
    return name;
  };
  const first = serial.run(piece('first'));
  const failed = serial.run(async () => {
    throw new Error('some');
  });
  const last = serial.run(piece('last'));
  await expect(failed).rejects.toThrow('some');
  expect([await first, await last]).toEqual(['first', 'last']);
  expect(seen).toEqual(['first begins', 'first ends', 'last begins', 'last ends']);
});

test('it is settled when nothing is left, including work added in the meantime', async () => {
  const serial = createSerial();
  const seen: number[] = [];
  void serial.run(async () => {
    seen.push(1);
    void serial.run(async () => void seen.push(2));
  });
  await serial.settled();
  expect(seen).toEqual([1, 2]);
});
