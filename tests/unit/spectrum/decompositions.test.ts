import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussianMatrix, randomStream } from '../../../src/ml/geometry/gaussian.ts';
import { rowGram } from '../../../src/ml/linear/gram.ts';
import { jacobiSvd } from '../../../src/ml/linear/jacobiSvd.ts';
import { type Matrix, zeros } from '../../../src/ml/linear/matrix.ts';
import {
  jacobiEigen,
  leadingEigenpairs,
  symmetricEigen,
  symmetricEigenvalues,
} from '../../../src/ml/linear/symmetricEigen.ts';
import { alignProjection } from '../../../src/ml/spectrum/alignment.ts';
import { analyzeSpectrum } from '../../../src/ml/spectrum/analyzeSpectrum.ts';
import { principalComponents } from '../../../src/ml/spectrum/principalComponents.ts';
import { singularValues, summarizeSpectrum } from '../../../src/ml/spectrum/singularValues.ts';
import { randomRotation } from '../geometry/clouds.ts';

const small = fc.double({ min: -9, max: 9, noNaN: true });
const anyMatrix = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }))
  .chain(([rows, columns]) =>
    fc
      .array(small, { minLength: rows * columns, maxLength: rows * columns })
      .map((values) => ({ data: Float64Array.from(values), rows, columns })),
  );

describe('inner products of rows', () => {
  it('equal plain sums, for any shape, shift and extra rows', () => {
    fc.assert(
      fc.property(anyMatrix, fc.integer({ min: 0, max: 3 }), (matrix, more) => {
        const { rows, columns, data } = matrix;
        const shift = Float64Array.from({ length: columns }, (_, k) => k / 3);
        const extra = gaussianMatrix(more, columns, randomStream(more));
        const all = [
          ...Array.from({ length: rows }, (_, i) =>
            data.subarray(i * columns, (i + 1) * columns).map((value, k) => value - shift[k]),
          ),
          ...Array.from({ length: more }, (_, i) => extra.data.subarray(i * columns, (i + 1) * columns)),
        ];
        const gram = rowGram(matrix, { shift, extra });
        expect(gram.rows).toBe(rows + more);
        all.forEach((a, i) => {
          all.forEach((b, j) => {
            const plain = a.reduce((sum, value, k) => sum + value * b[k], 0);
            expect(gram.data[i * gram.columns + j]).toBeCloseTo(plain, 9);
          });
        });
      }),
    );
  });

  it('allow more columns than a block', () => {
    const wide = gaussianMatrix(3, 40_000, randomStream(1));
    const plain = wide.data.subarray(0, 40_000).reduce((sum, value) => sum + value * value, 0);
    expect(rowGram(wide).data[0] / plain).toBeCloseTo(1, 12);
  });
});

describe('eigenvalues', () => {
  const gram = rowGram(gaussianMatrix(120, 150, randomStream(2)));

  it('agree between all three methods', () => {
    const ql = symmetricEigenvalues(gram);
    const jacobi = jacobiEigen(gram);
    const leading = leadingEigenpairs(gram, 4);
    ql.forEach((value, i) => {
      expect(Math.abs(value - jacobi.values[i])).toBeLessThan(1e-11 * ql[0]);
    });
    leading.values.forEach((value, i) => {
      expect(Math.abs(value - ql[i])).toBeLessThan(1e-11 * ql[0]);
    });
  });

  it('come with vectors that solve the equation', () => {
    for (const { values, vectors } of [jacobiEigen(gram), leadingEigenpairs(gram, 3)]) {
      for (let i = 0; i < 3; i++) {
        const vector = vectors.data.subarray(i * 120, (i + 1) * 120);
        for (let j = 0; j < 120; j++) {
          let sum = 0;
          for (let k = 0; k < 120; k++) sum += gram.data[j * 120 + k] * vector[k];
          expect(Math.abs(sum - values[i] * vector[j])).toBeLessThan(1e-9 * values[0]);
        }
      }
    }
  });

  it('and all vectors rebuild the matrix, even if eigenvalues repeat or vanish', () => {
    const few = rowGram(gaussianMatrix(30, 12, randomStream(3)));
    const same = zeros(9, 9);
    for (let i = 0; i < 9; i++) same.data[10 * i] = i < 4 ? 2 : 0;
    for (const matrix of [gram, few, same, zeros(3, 3)]) {
      const n = matrix.rows;
      const { values, vectors } = symmetricEigen(matrix);
      expect([...values].sort((a, b) => b - a)).toEqual([...values]);
      const scaled = {
        ...vectors,
        data: vectors.data.map((value, i) => Math.sqrt(Math.abs(values[Math.floor(i / n)])) * value),
      };
      const columns = zeros(n, n);
      for (let i = 0; i < n; i++)
        for (let k = 0; k < n; k++) columns.data[k * n + i] = scaled.data[i * n + k];
      const rebuilt = rowGram(columns);
      const unit = rowGram(vectors);
      for (let i = 0; i < n * n; i++) {
        expect(Math.abs(rebuilt.data[i] - matrix.data[i])).toBeLessThan(1e-12 * Math.max(1, values[0]));
        expect(Math.abs(unit.data[i] - (i % (n + 1) === 0 ? 1 : 0))).toBeLessThan(1e-12);
      }
    }
  });

  it('are correct for diagonal, zero and repeated values', () => {
    const diagonal = zeros(5, 5);
    [3, 0, 3, -1, 7].forEach((value, i) => {
      diagonal.data[i * 6] = value;
    });
    expect(Array.from(symmetricEigenvalues(diagonal))).toEqual([7, 3, 3, 0, -1]);
    expect(Array.from(jacobiEigen(diagonal).values)).toEqual([7, 3, 3, 0, -1]);
    expect(Array.from(symmetricEigenvalues(zeros(4, 4)))).toEqual([0, 0, 0, 0]);
    expect(Array.from(symmetricEigenvalues({ data: Float64Array.of(2), rows: 1, columns: 1 }))).toEqual([2]);
    const repeated = zeros(130, 130);
    for (let i = 0; i < 130; i++) repeated.data[i * 131] = i < 3 ? 5 : 1;
    expect(
      Array.from(leadingEigenpairs(repeated, 3).values, (value) => Math.round(value * 1e9) / 1e9),
    ).toEqual([5, 5, 5]);
  });
});

describe('singular values', () => {
  it('rebuild the matrix', () => {
    fc.assert(
      fc.property(anyMatrix, (matrix) => {
        fc.pre(matrix.rows <= matrix.columns);
        const { values, left, right } = jacobiSvd(matrix);
        for (let i = 0; i < matrix.rows; i++) {
          for (let k = 0; k < matrix.columns; k++) {
            let sum = 0;
            for (let r = 0; r < matrix.rows; r++) {
              sum += values[r] * left.data[r * matrix.rows + i] * right.data[r * matrix.columns + k];
            }
            expect(sum).toBeCloseTo(matrix.data[i * matrix.columns + k], 9);
          }
        }
      }),
    );
  });

  it('are the same for the transpose, and for large and small methods', () => {
    const wide = gaussianMatrix(60, 900, randomStream(3));
    const tall = transpose(wide);
    const exact = jacobiSvd(wide).values;
    expect(60 * 60 * 900).toBeGreaterThan(3e6);
    for (const source of [wide, tall]) {
      singularValues(source).forEach((value, i) => {
        expect(value / exact[i]).toBeCloseTo(1, 11);
      });
    }
  });

  it('keep small values exact in small matrices, and return 0 below rounding in large ones', () => {
    const tiny = { data: Float64Array.of(1, 0, 0, 0, 1e-12, 0), rows: 2, columns: 3 };
    expect(Array.from(singularValues(tiny))).toEqual([1, 1e-12]);
    const flat = gaussianMatrix(2, 2000, randomStream(5));
    const many = zeros(80, 2000);
    for (let i = 0; i < many.data.length; i++) {
      many.data[i] = (Math.floor(i / 2000) % 7) * flat.data[i % 2000] + flat.data[2000 + (i % 2000)];
    }
    const values = singularValues(many);
    expect(values[1]).toBeGreaterThan(1);
    expect(Array.from(values.subarray(2))).toEqual(new Array(78).fill(0));
  });

  it('are summarized by their squares', () => {
    const even = summarizeSpectrum(Float64Array.of(2, 2, 2, 2));
    expect(even.participationRatio).toBeCloseTo(4, 12);
    expect(even.componentsFor95).toBe(4);
    expect(Array.from(even.cumulativeVariance)).toEqual([0.25, 0.5, 0.75, 1]);
    const one = summarizeSpectrum(Float64Array.of(5, 0));
    expect(one.participationRatio).toBe(1);
    expect(one.componentsFor95).toBe(1);
    expect(Array.from(one.normalized)).toEqual([1, 0]);
  });

  it('name a layer of zeros and values that are not finite', () => {
    expect(() => analyzeSpectrum(zeros(5, 4))).toThrow('a layer of zeros');
    const broken = zeros(5, 4);
    broken.data[6] = Number.NaN;
    expect(() => singularValues(broken)).toThrow('found NaN at row 1, column 2');
    expect(() => principalComponents(broken)).toThrow('found NaN');
  });
});

describe('principal components', () => {
  it('are the same from the images’ side and from the units’', () => {
    const data = gaussianMatrix(40, 30, randomStream(7));
    const wider = zeros(40, 60);
    for (let i = 0; i < 40; i++) wider.data.set(data.data.subarray(i * 30, (i + 1) * 30), i * 60);
    const a = principalComponents(data, { components: 3 });
    const b = principalComponents(wider, { components: 3 });
    a.projection.data.forEach((value, i) => {
      expect(b.projection.data[i]).toBeCloseTo(value, 9);
    });
    expect(a.participationRatio).toBeCloseTo(b.participationRatio, 9);
  });

  it('use known inner products', () => {
    const data = gaussianMatrix(20, 50, randomStream(8));
    const a = principalComponents(data);
    const b = principalComponents(data, { gram: rowGram(data) });
    a.projection.data.forEach((value, i) => {
      expect(b.projection.data[i]).toBeCloseTo(value, 10);
    });
  });

  it('are zeros beyond the rank, and reject impossible requests', () => {
    const line = { data: Float64Array.of(0, 0, 0, 1, 1, 1, 2, 2, 2), rows: 3, columns: 3 };
    const { explainedVariance, projection } = principalComponents(line, { components: 2 });
    expect(explainedVariance[0]).toBeCloseTo(3, 12);
    expect(explainedVariance[1]).toBe(0);
    expect(projection.data[1]).toBe(0);
    expect(() => principalComponents(line, { components: 4 })).toThrow('expected 1 to 3 components');
    expect(() => principalComponents({ ...line, rows: 1, columns: 9 })).toThrow('at least two rows');
  });
});

describe('alignment between moments', () => {
  const reference = gaussianMatrix(30, 3, randomStream(9));

  it('undoes any rotation and reflection', () => {
    const turn = randomRotation(3);
    const turned = zeros(30, 3);
    for (let i = 0; i < 30; i++) {
      for (let b = 0; b < 3; b++) {
        for (let a = 0; a < 3; a++)
          turned.data[i * 3 + b] += reference.data[i * 3 + a] * turn.data[a * 3 + b];
        if (b === 2) turned.data[i * 3 + b] *= -1;
      }
    }
    const { projection, rotation } = alignProjection(turned, reference);
    projection.data.forEach((value, i) => {
      expect(value).toBeCloseTo(reference.data[i], 10);
    });
    rowGram(rotation).data.forEach((value, i) => {
      expect(value).toBeCloseTo(i % 4 === 0 ? 1 : 0, 10);
    });
  });

  it('stays orthogonal in undetermined directions', () => {
    for (const nothing of [zeros(30, 3), onlyFirstColumn(reference)]) {
      const { rotation } = alignProjection(reference, nothing);
      rowGram(rotation).data.forEach((value, i) => {
        expect(value).toBeCloseTo(i % 4 === 0 ? 1 : 0, 10);
      });
    }
    expect(() => alignProjection(reference, zeros(30, 2))).toThrow('expected a reference of 30 x 3');
  });
});

function onlyFirstColumn({ data, rows, columns }: Matrix): Matrix {
  return { data: data.map((value, i) => (i % columns === 0 ? value : 0)), rows, columns };
}

function transpose({ data, rows, columns }: Matrix): Matrix {
  const result = zeros(columns, rows);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < columns; k++) result.data[k * rows + i] = data[i * columns + k];
  return result;
}
