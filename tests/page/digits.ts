/** Strokes of a hand-drawn digit in a 1 x 1 box, y downward: the [x, y] points of each stroke. */
type Strokes = [number, number][][];

/** Points on an ellipse; angles in turns, 0 to the right, clockwise. */
function arc(
  [x, y]: [number, number],
  [width, height]: [number, number],
  from: number,
  to: number,
  points = 16,
): [number, number][] {
  return Array.from({ length: points + 1 }, (_, i) => {
    const angle = 2 * Math.PI * (from + ((to - from) * i) / points);
    return [x + width * Math.cos(angle), y + height * Math.sin(angle)];
  });
}

/** Two or three handwritten forms of each digit. */
const shapes: Record<number, Strokes[]> = {
  0: [[arc([0.5, 0.5], [0.36, 0.5], -0.25, 0.77, 24)], [arc([0.5, 0.5], [0.28, 0.5], -0.2, 0.82, 24)]],
  1: [
    [
      [
        [0.5, 0],
        [0.48, 0.5],
        [0.47, 1],
      ],
    ],
    [
      [
        [0.62, 0],
        [0.52, 0.5],
        [0.4, 1],
      ],
    ],
  ],
  2: [
    [
      [
        ...arc([0.5, 0.28], [0.34, 0.28], -0.47, 0.12, 14),
        [0.45, 0.72],
        [0.12, 0.98],
        [0.5, 0.96],
        [0.92, 0.97],
      ],
    ],
    [[...arc([0.5, 0.3], [0.3, 0.3], -0.45, 0.1, 14), [0.5, 0.68], [0.14, 1], [0.88, 1]]],
  ],
  3: [
    [
      [
        ...arc([0.45, 0.25], [0.33, 0.25], -0.42, 0.2, 14),
        ...arc([0.43, 0.74], [0.38, 0.26], -0.2, 0.42, 16),
      ],
    ],
    [
      [
        ...arc([0.48, 0.26], [0.28, 0.26], -0.45, 0.22, 14),
        ...arc([0.46, 0.75], [0.34, 0.25], -0.22, 0.45, 16),
      ],
    ],
  ],
  4: [
    [
      [
        [0.28, 0],
        [0.2, 0.3],
        [0.16, 0.52],
        [0.5, 0.52],
        [0.86, 0.48],
      ],
      [
        [0.72, 0.05],
        [0.7, 0.5],
        [0.66, 1],
      ],
    ],
    [
      [
        [0.2, 0.05],
        [0.15, 0.55],
        [0.8, 0.52],
      ],
      [
        [0.75, 0],
        [0.72, 0.5],
        [0.7, 1],
      ],
    ],
  ],
  5: [
    [[[0.82, 0.02], [0.32, 0.03], [0.26, 0.42], ...arc([0.45, 0.7], [0.36, 0.29], -0.3, 0.4, 16)]],
    [
      [[0.3, 0.03], [0.24, 0.45], ...arc([0.42, 0.72], [0.38, 0.28], -0.3, 0.42, 16)],
      [
        [0.3, 0.03],
        [0.85, 0],
      ],
    ],
  ],
  6: [
    [[[0.68, 0], [0.42, 0.25], [0.24, 0.55], ...arc([0.48, 0.72], [0.28, 0.27], -0.5, 0.5, 20)]],
    [[[0.6, 0], [0.34, 0.3], [0.2, 0.65], ...arc([0.45, 0.75], [0.25, 0.24], -0.5, 0.5, 20)]],
  ],
  7: [
    [
      [
        [0.1, 0.06],
        [0.5, 0.04],
        [0.86, 0.03],
        [0.6, 0.45],
        [0.42, 1],
      ],
    ],
    [
      [
        [0.12, 0.1],
        [0.85, 0.02],
        [0.62, 0.5],
        [0.5, 1],
      ],
    ],
  ],
  8: [
    [
      [
        ...arc([0.5, 0.25], [0.25, 0.25], 0.25, -0.75, 18),
        ...arc([0.5, 0.75], [0.31, 0.26], -0.25, 0.77, 20),
      ],
    ],
    [
      [
        ...arc([0.5, 0.26], [0.28, 0.26], 0.25, -0.75, 18),
        ...arc([0.48, 0.76], [0.3, 0.24], -0.23, 0.78, 20),
      ],
    ],
  ],
  9: [
    [[...arc([0.48, 0.28], [0.3, 0.27], 0, -1, 20), [0.76, 0.55], [0.7, 1]]],
    [[...arc([0.5, 0.26], [0.27, 0.25], 0, -1, 20), [0.74, 0.6], [0.6, 1]]],
  ],
};

/** Heights and positions of the digit on the pad, as shares of the pad's side: off-center, small and large. */
const places = [
  { height: 0.42, left: 0.06, top: 0.08, slant: 0 },
  { height: 0.62, left: 0.4, top: 0.3, slant: 0.12 },
  { height: 0.5, left: 0.45, top: 0.06, slant: -0.05 },
  { height: 0.82, left: 0.1, top: 0.12, slant: 0.05 },
  { height: 0.45, left: 0.1, top: 0.5, slant: 0.1 },
];

export interface DrawnDigit {
  digit: number;
  name: string;
  /** Strokes on the pad; coordinates are shares of the pad's side. */
  strokes: Strokes;
}

/** Two handwritten forms of every digit, each off-center and in another size: twenty drawings. */
export function drawnDigits(): DrawnDigit[] {
  return Object.entries(shapes).flatMap(([digit, hands], row) =>
    hands.map((strokes, hand) => {
      const { height, left, top, slant } = places[(row + 3 * hand) % places.length];
      return {
        digit: Number(digit),
        name: `${digit} in hand ${hand}, ${Math.round(100 * height)} % of the pad's height`,
        strokes: strokes.map((points) =>
          points.map(([x, y]): [number, number] => [
            left + height * (0.72 * x + slant * (1 - y)),
            top + height * y,
          ]),
        ),
      };
    }),
  );
}
