import { expect, it } from 'vitest';
import { remaining } from '../../../../src/lab/run/resume.ts';

const start = { step: 100, epoch: 1, time: 0 };

it('requests the remaining epochs and steps', () => {
  expect(remaining({ epochs: 3 }, start, { step: 2000, epoch: 2 })).toEqual({
    epochs: 2,
    maxSteps: undefined,
  });
  expect(remaining({ epochs: 1e6, maxSteps: 50 }, start, { step: 130, epoch: 1 })).toMatchObject({
    maxSteps: 20,
  });
  expect(remaining({}, start, { step: 130, epoch: 1 })).toMatchObject({ epochs: 1 });
  // The checkpoint is older than the request.
  expect(remaining({ maxSteps: 50 }, start, { step: 90, epoch: 1 })).toMatchObject({ maxSteps: 60 });
});

it('requests nothing if everything is done', () => {
  expect(remaining({ epochs: 1 }, start, { step: 937, epoch: 2 })).toBeUndefined();
  expect(remaining({ epochs: 9, maxSteps: 50 }, start, { step: 150, epoch: 1 })).toBeUndefined();
});

it('rejects an explicit order, because the checkpoint does not record the position in the order', () => {
  expect(() => remaining({ order: Int32Array.of(1) }, start, { step: 101, epoch: 1 })).toThrow(
    /last checkpoint, step 101/,
  );
});
