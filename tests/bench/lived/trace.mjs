const CATEGORIES = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'];

/**
 * Records the page's main thread while `work` runs: layouts, paints, animation callbacks and frames per second, and
 * the longest task, in milliseconds of the thread's own CPU time, because wall-clock time would include other
 * processes.
 */
export async function traceMainThread(browser, renderer, work) {
  const events = [];
  const stop = browser.listen(({ method, params }) => {
    if (method === 'Tracing.dataCollected') events.push(...params.value);
  });
  const completed = new Promise((resolve) => {
    const stopWaiting = browser.listen(({ method }) => {
      if (method !== 'Tracing.tracingComplete') return;
      stopWaiting();
      resolve();
    });
  });
  await browser.send('Tracing.start', { traceConfig: { includedCategories: CATEGORIES } });
  const began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  await browser.send('Tracing.end');
  await completed;
  stop();
  return readTrace(events, renderer, seconds);
}

function readTrace(events, renderer, seconds) {
  const own = events.filter(({ pid }) => pid === renderer);
  const main = new Set(
    own
      .filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
      .map(({ tid }) => tid),
  );
  const onMain = own.filter(({ tid }) => main.has(tid));
  const rate = (name, from = onMain) =>
    from.filter((event) => event.name === name && event.ph !== 'E').length / seconds;
  const tasks = onMain.filter(({ name, ph }) => ph === 'X' && name.endsWith('RunTask'));
  return {
    layouts: rate('Layout'),
    styles: rate('UpdateLayoutTree'),
    paints: rate('Paint'),
    callbacks: rate('FireAnimationFrame'),
    frames: rate('Commit'),
    drawn: rate('DrawFrame', own),
    longest: tasks.reduce((most, { tdur = 0 }) => Math.max(most, tdur / 1000), 0),
  };
}
