import { until } from './cdp.mjs';
import { traceMainThread } from './trace.mjs';

const DRAGS = 3;
const MILLISECONDS = 2000;
/** Training goes on for so long before each drag. */
const BETWEEN = 1000;

/**
 * Drags the timeline during training, several times: frames a second, the longest gap between two frames, training's steps
 * a second before and during the drag, and in one more drag, which tracing makes slower, the longest task.
 */
export async function measureDrags(browser, { page, renderer }) {
  await browser.activate(page.targetId);
  await page.evaluate(() => {
    void window.lab.train({ maxSteps: 1_000_000 });
  });
  await until(page, () => window.lab.state.status === 'training');
  const drags = [];
  for (let i = 0; i < DRAGS; i++) {
    const before = await stepsPerSecond(page, () => pause(BETWEEN));
    drags.push({ before, ...(await drag(page)) });
  }
  const { longest } = await traceMainThread(browser, renderer, () => drag(page));
  await page.evaluate(() => window.lab.stop());
  return { drags, longestTask: longest };
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
