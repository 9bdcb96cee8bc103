import type { Action } from './action.ts';
import { ShownRun } from './shownRun.ts';

export const exportPart: Action = async (session, chance) => {
  const kind = chance.pick(['parameters', 'activations', 'notebook', 'run'] as const);
  const size = await session.do(
    session.page.evaluate(async (kind) => (await window.lab.export(kind)).size, kind),
  );
  if (size < 1000) session.report(`the file has ${size} bytes`);
  const link = await session.do(session.page.evaluate(() => window.lab.share()));
  if (!link.includes('#v=1&seed=')) session.report(`the link is ${link}`);
  return `${kind}, ${size} bytes`;
};

/** Exports a run and imports the file; the run must be at the same step. */
export const exportAndImport: Action = async (session, chance) => {
  await session.leave({ again: chance.share() < 0.3 });
  const { exported, imported, step } = await session.do(
    session.page.evaluate(async () => {
      const { lab } = window;
      const file = await lab.export('run');
      const imported = await lab.import(file);
      return { exported: Number(/step(\d+)/.exec(file.name)?.[1]), imported, step: lab.state.step };
    }),
  );
  if (session.run.recorded) await session.begin(new ShownRun({ replayable: false }));
  else {
    // The file lacks later steps.
    await session.check();
    await session.begin(session.run.copy());
    session.run.wentBack = true;
  }
  if (imported.kind !== 'run' || imported.step !== exported || step !== exported) {
    session.report(`a file of step ${exported} opened at step ${imported.step}, and the page is at ${step}`);
  }
  await session.check({ whole: true });
  const [kept] = (await session.stored()).sort((a, b) => b.changed - a.changed);
  if (exported > 0 && (!kept || kept.left || kept.step !== exported)) {
    session.report(`a run was opened at step ${exported}, and a reload would not come back to it`);
  }
  return `at step ${exported}`;
};

export const importParameters: Action = async (session) => {
  await session.leave();
  const same = await session.do(
    session.page.evaluate(async () => {
      const { lab } = window;
      // Read the parameters first: a training that ends in the meantime has changed them since the export.
      const rests = lab.state.status === 'idle';
      const file = await lab.export('parameters');
      const before = await lab.parameters();
      await lab.import(file);
      const after = await lab.parameters();
      const same = Object.keys(before).every((name) => before[name].join() === after[name].join());
      return rests ? same : true;
    }),
  );
  await session.begin(new ShownRun({ replayable: false }));
  if (!same) session.report('the parameters came back other than they were saved');
  return '';
};

const BAD_FILES = [
  'torn.untangle.zip',
  'empty.zip',
  'noise.zip',
  'noise.safetensors',
  'vast.safetensors',
  'foreign.safetensors',
  'text.png',
  'empty.jpg',
] as const;

/** A damaged file dropped on a panel must be refused by name, with no other change. */
export const dropBadFile: Action = async (session, chance) => {
  const name = chance.pick(BAD_FILES);
  const draw = { name, panel: chance.share(), share: chance.share(), seed: chance.whole(1, 2 ** 31) };
  const { refused, changed } = await session.do(
    session.page.evaluate(async ({ name, panel, share, seed }) => {
      const { lab } = window;
      const noise = Uint8Array.from({ length: 5000 }, (_, i) => Math.imul(seed, i * i + 1) >>> 24);
      const header = (text: string, length = text.length) => {
        const size = new Uint8Array(new BigUint64Array([BigInt(length)]).buffer);
        return new Blob([size, text, new Uint8Array(64)]);
      };
      const made: Record<typeof name, () => Promise<Blob> | Blob> = {
        'torn.untangle.zip': async () => {
          const whole = await lab.export('run');
          return whole.slice(0, Math.floor(share * (whole.size - 1)));
        },
        'empty.zip': () => new Blob([]),
        'noise.zip': () => new Blob(['PK', noise]),
        'noise.safetensors': () => new Blob([noise]),
        'vast.safetensors': () => header('{}', 2 ** 40),
        'foreign.safetensors': () => header('{"x":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'),
        'text.png': () => new Blob(['not a picture']),
        'empty.jpg': () => new Blob([]),
      };
      const file = new File([await made[name]()], name);
      const before = { ...lab.state, history: undefined };
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(file);
      const panels = document.querySelectorAll('main > section');
      const target = panels[Math.floor(panel * panels.length)];
      target.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }));
      // The message depends on the file's bytes, so it may be the page's or the picture reader's. Both name the file.
      const refused = () =>
        [...document.querySelectorAll('[role="alert"]')].some((alert) => alert.textContent?.includes(name));
      const until = performance.now() + 60_000;
      while (performance.now() < until && !refused()) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const { state } = lab;
      const changed = state.settings.seed !== before.settings.seed || state.step < before.step;
      return { refused: refused(), changed };
    }, draw),
  );
  if (!refused) session.report(`${name} was not refused`);
  if (changed) session.report(`${name} changed the run`);
  return name;
};
