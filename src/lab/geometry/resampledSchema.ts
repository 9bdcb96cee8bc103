import {
  checked,
  converted,
  list,
  number,
  oneOf,
  record,
  type Schema,
  text,
  whole,
} from '../../ml/formats/schema.ts';
import type { Resample, ResampleKind } from '../../ml/geometry/index.ts';

/** Digits kept of a resample's figures; their spread is known to two digits. */
const RESAMPLE_DIGITS = 6;
const MOST_RESAMPLES = 1000;

export const short = (value: number, digits: number) => Number(value.toPrecision(digits));

/** Figures on other images, stored as lists in the order of `names`, which are stored with them. */
export function resampledSchema<Name extends string>(
  names: readonly Name[],
): Schema<{ kind: ResampleKind; samples: number; resamples: Resample<Name>[] }> {
  const figures = converted(list(number(), names.length), {
    read(values, json) {
      if (values.length !== names.length) throw json.fault(`${names.length} figures`, `${values.length}`);
      return Object.fromEntries(names.map((name, i) => [name, values[i]])) as Record<Name, number>;
    },
    write: (value) => names.map((name) => short(value[name], RESAMPLE_DIGITS)),
  });
  /** The figures, then those of either half of the t-vectors. */
  const resample = converted(list(figures, 3), {
    read(lists, json): Resample<Name> {
      if (lists.length !== 3) throw json.fault('three lists per resample', `${lists.length}`);
      return { figures: lists[0], halves: [lists[1], lists[2]] };
    },
    write: ({ figures: own, halves }) => [own, ...halves],
  });
  const stored = record({
    kind: oneOf('redraws', 'halves'),
    samples: whole({ min: 2 }),
    figures: list(text(30), names.length),
    resamples: list(resample, MOST_RESAMPLES),
  });
  return converted(
    checked(stored, ({ figures: found, resamples }, json) => {
      if (found.join() !== names.join()) throw json.get('figures').fault(names.join(', '));
      if (resamples.length < 2) {
        throw json.get('resamples').fault('at least two resamples', `${resamples.length}`);
      }
    }),
    {
      read: ({ figures: _, ...own }) => own,
      write: (own) => ({ ...own, figures: [...names] }),
    },
  );
}
