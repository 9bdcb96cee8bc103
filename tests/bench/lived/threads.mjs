import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of /proc per second, a constant of Linux. */
const TICKS = 100;

/**
 * CPU seconds used so far by the browser's threads, by role: the page's main thread, its workers, and everything that
 * draws (the page's compositor and raster threads, and the whole GPU process). Undefined without /proc.
 */
export function cpuSeconds(renderer, gpu) {
  try {
    const seconds = { main: 0, workers: 0, compositor: 0 };
    for (const { id, name, ticks } of threadsOf(renderer)) {
      if (id === renderer) seconds.main += ticks / TICKS;
      else if (name.startsWith('DedicatedWorker')) seconds.workers += ticks / TICKS;
      else if (name.startsWith('Compositor')) seconds.compositor += ticks / TICKS;
    }
    for (const { ticks } of threadsOf(gpu)) seconds.compositor += ticks / TICKS;
    return seconds;
  } catch {
    return undefined;
  }
}

/** The renderer whose main thread runs the page: the one that has used the most CPU. */
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
