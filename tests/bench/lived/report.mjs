/** The section's first line in BENCHMARKS.md; it is the last section. */
export const LIVED_TITLE = '## Live in the page';

/** Where the plot lies, as seen from BENCHMARKS.md. */
export const LIVED_PLOT = 'docs/lived.svg';

/** The names of places that are no panel. */
const NAMES = { engine: 'the engine alone', hidden: 'the page, hidden' };

/** The median of each figure over the rounds, by place. */
export function summarize(measured) {
  return Object.fromEntries(
    Object.entries(measured).map(([place, rounds]) => {
      const keys = [...new Set(rounds.flatMap(Object.keys))];
      const medianOf = (key) => median(rounds.map((round) => round[key]).filter(Number.isFinite));
      const summary = Object.fromEntries(keys.map((key) => [key, medianOf(key)]));
      // The longest task counts, not the usual one.
      if (summary.longest !== undefined) summary.longest = Math.max(...rounds.map(({ longest }) => longest));
      return [place, summary];
    }),
  );
}

/** The drags of the timeline, by the panel in view. */
export function dragTable(places) {
  const rows = Object.entries(places).map(([panel, { drags, longestTask }]) => {
    const list = (key) => drags.map((drag) => drag[key].toFixed(0)).join(', ');
    return `| ${panel} | ${list('frames')} | ${list('longest')} | ${list('before')} | ${list('during')} | ${longestTask.toFixed(0)} |`;
  });
  return `The timeline dragged while training, in a page whose panels have all been visited: each drag's figures, and the longest task of one more.

| in view | frames a second | longest gap, ms | steps a second before | in the drag | longest task, ms |
| --- | ---: | ---: | ---: | ---: | ---: |
${rows.join('\n')}`;
}

export function livedSection({ measured, engine, longRun, drags, torch, machine, rounds }) {
  const places = summarize(measured);
  const hidden = places.hidden.step;
  const rows = Object.entries(places).map(([place, figures]) => {
    const cells = [
      NAMES[place] ?? place,
      figures.step.toPrecision(3),
      place === 'engine' ? '' : (figures.step / hidden).toFixed(2),
      percent(figures.main),
      percent(figures.compositor),
      ...['frames', 'layouts', 'paints'].map((name) => figures[name]?.toFixed(0) ?? ''),
      figures.longest?.toFixed(0) ?? '',
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return `${LIVED_TITLE}

The built page in Chromium while it trains (${engine.description}), made by \`npm run bench lived\`: each panel in view, the same page hidden, and the
engine alone on a page that does nothing else, in turns, ${rounds} rounds (medians; the longest task of all). CPU shares are of one core, from the threads' own
times: the main thread, and all that draws (compositor, raster threads and the GPU process). Frames, layouts and paints are counts a second.

- Machine: ${machine}
${places.engine ? `- The hidden page against the engine alone: ${(hidden / places.engine.step).toFixed(2)} times` : '- Another network: the engine alone is not measured'}

![Milliseconds a step and CPU shares, by panel in view](${LIVED_PLOT})

| in view | ms a step | times hidden | main thread | drawing | frames | layouts | paints | longest task, ms |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${rows.join('\n')}

${dragTable(drags)}

${longRunTable(longRun, torch)}`;
}

function longRunTable(longRun, torch) {
  const rows = [];
  if (longRun) {
    rows.push(
      `| Untangle, from the click on Train to the end, page in view | ${longRun.seconds.toFixed(1)} |`,
    );
  }
  for (const { threads, seconds } of torch) {
    rows.push(
      `| the notebook's loop in PyTorch, ${threads} thread${threads > 1 ? 's' : ''} | ${seconds.toFixed(1)} |`,
    );
  }
  return `| ten epochs, test set included | seconds |
| --- | ---: |
${rows.join('\n')}

PyTorch's ten epochs are ten times a measured one.
`;
}

const WIDTH = 760;
const LEFT = 150;
const ROW = 26;
const TOP = 48;
const BAR = 16;

/** Bars by place: milliseconds a step at the left, CPU shares at the right. */
export function livedPlot(measured) {
  const places = Object.entries(summarize(measured));
  const half = (WIDTH - LEFT - 60) / 2;
  const right = LEFT + half + 40;
  const most = Math.max(...places.map(([, { step }]) => step));
  const height = TOP + places.length * ROW + 16;
  const rows = places.map(([place, { step, main = 0, compositor = 0 }], i) => {
    const y = TOP + i * ROW;
    const long = (step / most) * (half - 50);
    const scale = (share) => Math.min(1, share / 0.4) * (half - 60);
    const shares =
      place === 'engine'
        ? ''
        : `<rect class="main" x="${right}" y="${y}" width="${scale(main).toFixed(1)}" height="${BAR}"/>
<rect class="drawing" x="${(right + scale(main)).toFixed(1)}" y="${y}" width="${scale(compositor).toFixed(1)}" height="${BAR}"/>
<text x="${(right + scale(main) + scale(compositor) + 6).toFixed(1)}" y="${y + 12}">${percent(main)} + ${percent(compositor)}</text>`;
    return `<text x="${LEFT - 8}" y="${y + 12}" text-anchor="end">${NAMES[place] ?? place}</text>
<rect class="step" x="${LEFT}" y="${y}" width="${long.toFixed(1)}" height="${BAR}"/>
<text x="${(LEFT + long + 6).toFixed(1)}" y="${y + 12}">${step.toPrecision(3)}</text>
${shares}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Milliseconds a step and CPU shares, by panel in view">
<style>
svg { background: #fff; }
text { font: 12px system-ui, sans-serif; fill: #222; }
.head { font-weight: 600; }
.step { fill: #4a6fa5; }
.main { fill: #d08a3c; }
.drawing { fill: #e5c59a; }
</style>
<text class="head" x="${LEFT}" y="22">milliseconds a step</text>
<text class="head" x="${right}" y="22">share of a core: main thread + drawing</text>
${rows.join('\n')}
</svg>
`;
}

function percent(share) {
  return share === undefined ? '' : `${(100 * share).toFixed(0)} %`;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}
