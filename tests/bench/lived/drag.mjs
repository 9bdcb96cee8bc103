import { until } from './cdp.mjs';
import { traceMainThread } from './trace.mjs';

const ROUNDS = 3;
const MILLISECONDS = 2000;
/** Training goes on for so long before each drag. */
const BETWEEN = 1000;
/** A panel that comes into view loads and asks for so long. */
const ARRIVAL = 1500;

/**
 * Drags the timeline during training, in a page whose panels have all been visited, with each of them in view, several times:
 * frames a second, the longest gap between two frames, and training's steps a second before and during the drag. In one more
 * drag for each panel, which tracing makes slower: the longest task.
 */
export async function measureDrags(browser, { page, renderer }, { visited, panels = visited }) {
  await browser.activate(page.targetId);
  for (const panel of visited) await show(page, panel);
  await page.evaluate(() => {
    void window.lab.train({ maxSteps: 1_000_000 });
  });
  await until(page, () => window.lab.state.status === 'training');
  const places = {};
  for (const panel of panels) {
    await show(page, panel);
    const drags = [];
    for (let i = 0; i < ROUNDS; i++) {
      const before = await stepsPerSecond(page, () => pause(BETWEEN));
      drags.push({ before, ...(await drag(page)) });
    }
    const { longest } = await traceMainThread(browser, renderer, () => drag(page));
    places[panel] = { drags, longestTask: longest };
  }
  await page.evaluate(() => window.lab.stop());
  return places;
}

async function show(page, panel) {
  await page.evaluate((panel) => {
    document.getElementById(panel).scrollIntoView({ block: 'start', behavior: 'instant' });
  }, panel);
  await until(page, (panel) => !document.querySelector(`#${panel} [aria-busy="true"]`), panel);
  await pause(ARRIVAL);
}

async function drag(page) {
  const { x, y, width, height } = await page.evaluate(() => {
    const { x, y, width, height } = document
      .querySelector('[role="slider"][aria-label="Moment of the run"]')
      .getBoundingClientRect();
    return { x, y, width, height };
  });
  const send = (type, share, more) =>
    page.send('Input.dispatchMouseEvent', {
      type,
      x: x + share * width,
      y: y + height / 2,
      button: 'left',
      ...more,
    });
  await send('mousePressed', 0.1, { clickCount: 1 });
  await page.evaluate(countFrames);
  const steps = await stepsPerSecond(page, async () => {
    const began = performance.now();
    while (performance.now() - began < MILLISECONDS) {
      const share = 0.1 + 0.4 * Math.abs(Math.sin((performance.now() - began) / 300));
      await send('mouseMoved', share, { buttons: 1 });
      await pause(8);
    }
  });
  const times = await page.evaluate(() => window.endFrames());
  await send('mouseReleased', 0.5, { clickCount: 1 });
  const gaps = times.slice(1).map((time, i) => time - times[i]);
  return {
    frames: (1000 * gaps.length) / (times.at(-1) - times[0]),
    longest: Math.max(...gaps),
    during: steps,
  };
}

/** Gives the page `endFrames`, which ends the count and returns the times of the frames. */
function countFrames() {
  const times = [];
  let isCounting = true;
  const count = (time) => {
    if (!isCounting) return;
    times.push(time);
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  window.endFrames = () => {
    isCounting = false;
    return times;
  };
}

async function stepsPerSecond(page, work) {
  const read = () => page.evaluate(() => window.lab.state.step);
  const [first, began] = [await read(), performance.now()];
  await work();
  return (1000 * ((await read()) - first)) / (performance.now() - began);
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
