import type { Lab } from '../lab/lab.ts';
import { readHash } from '../lab/share/hash.ts';
import { linkTo } from '../lab/share/link.ts';
import { defaultSettings } from '../lab/state/settings.ts';
import type { LessonRecords } from './records.ts';

/** Sets the labs of a lesson's steps, and gives the reader's own lab back. */
export interface OwnLabs {
  /** Sets the lab as a link describes it, after the reader's own lab is noted. `state` is a link's hash without version. */
  set(state: string): Promise<void>;
  giveBack(): Promise<void>;
}

/** Where the page stands, so that leaving a lesson returns there. */
interface Place {
  read(): number;
  set(scroll: number): void;
}

export function createOwnLabs(lab: Lab, records: LessonRecords, place: Place): OwnLabs {
  async function note(): Promise<void> {
    if (records.ownLab()) return;
    const { recorded, status } = lab.store.getState();
    if (status === 'training') await lab.workers.trainer.call('stop', undefined);
    const hash = linkTo(lab).slice(lab.pageUrl.length);
    const run = recorded ? undefined : lab.keep.store.getState().present;
    records.saveOwnLab({ hash, run, scroll: place.read() });
  }

  async function set(state: string): Promise<void> {
    await lab.ready;
    await note();
    const read = readHash(`v=1&${state}`);
    if (!read || read.problems.length > 0) {
      throw new Error(
        `Expected a link's keys in the lesson, found “${state}”. ${read?.problems.join(' ') ?? ''}`,
      );
    }
    const { settings, hidden, recorded } = lab.store.getState();
    const { configuration } = read;
    const wanted = { ...defaultSettings(), engine: settings.engine, ...configuration.settings };
    const named = Object.keys(configuration.settings).length > 0;
    if (configuration.recorded) {
      if (!recorded) await lab.files.openRecorded();
    } else if (named && (recorded || JSON.stringify(wanted) !== JSON.stringify(settings))) {
      await lab.restart(wanted);
    }
    // A link leaves the moment alone; a lesson may come back from an earlier one.
    if (configuration.at === 'live') lab.actions.seek('live');
    // The parts that a teacher hid stay hidden.
    const view = { ...configuration, recorded: undefined, hide: hidden };
    lab.sharing.arrange({ ...read, configuration: view });
  }

  async function giveBack(): Promise<void> {
    const own = records.ownLab();
    if (!own) return;
    const read = readHash(own.hash);
    if (lab.store.getState().status === 'training') await lab.workers.trainer.call('stop', undefined);
    if (own.run) await lab.openKept(own.run);
    else if (read && !read.configuration.recorded) {
      const { engine } = lab.store.getState().settings;
      await lab.restart({ ...defaultSettings(), engine, ...read.configuration.settings });
    }
    if (read) lab.sharing.arrange(read);
    records.forgetOwnLab();
    place.set(own.scroll);
  }

  return { set, giveBack };
}
