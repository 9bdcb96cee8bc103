import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc per second, a constant of Linux. */
const TICKS = 100;

/**
 * CPU seconds of the browser's threads so far, by thread, with each thread's role: the page's main thread, its workers, and
 * everything that draws (the page's compositor and raster threads, and the whole GPU process). Undefined without /proc.
 */
export function cpuSeconds(renderer, gpu) {
  try {
    const threads = new Map();
    for (const { id, name, ticks } of threadsOf(renderer)) {
      const role = id === renderer ? 'main' : roleOf(name);
      if (role) threads.set(id, { role, seconds: ticks / TICKS });
    }
    for (const { id, ticks } of threadsOf(gpu)) {
      threads.set(id, { role: 'compositor', seconds: ticks / TICKS });
    }
    return threads;
  } catch {
    return undefined;
  }
}

function roleOf(name) {
  if (name.startsWith('DedicatedWorker')) return 'workers';
  return name.startsWith('Compositor') ? 'compositor' : undefined;
}

/** Shares of a core between two readings, by role. Threads that ended in between are not counted. */
export function sharesBetween(before, after, seconds) {
  if (!before || !after) return {};
  const shares = { main: 0, workers: 0, compositor: 0 };
  for (const [id, { role, seconds: now }] of after) {
    shares[role] += (now - (before.get(id)?.seconds ?? 0)) / seconds;
  }
  return shares;
}

/** The renderer whose main thread runs the page: the renderer that has used the most CPU. */
export async function findProcesses(browser) {
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  const [{ id: renderer }] = renderers.sort((a, b) => b.cpuTime - a.cpuTime);
  const { id: gpu } = processInfo.find(({ type }) => type === 'GPU');
  return { renderer, gpu };
}

function threadsOf(process) {
  return readdirSync(`/proc/${process}/task`).map((id) => {
    const stat = readFileSync(`/proc/${process}/task/${id}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    // utime and stime are the 14th and 15th fields, so the 12th and 13th after the name.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { id: Number(id), name, ticks: Number(fields[11]) + Number(fields[12]) };
  });
}
