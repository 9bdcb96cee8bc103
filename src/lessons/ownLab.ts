import { logitsLayer } from '../lab/ask/layers.ts';
import { checkAnalysis } from '../lab/geometry/geometrySettings.ts';
import type { Lab } from '../lab/lab.ts';
import type { Configuration } from '../lab/share/configuration.ts';
import { type ReadHash, readHash } from '../lab/share/hash.ts';
import { linkTo } from '../lab/share/link.ts';
import { defaultSettings } from '../lab/state/settings.ts';
import type { LessonRecords } from './records.ts';

/** Sets the labs of a lesson's steps, and gives the reader's own lab back. */
export interface OwnLabs {
  /** Sets the lab as a link describes it, after the reader's own lab is noted. `state` is a link's hash without version. */
  set(state: string): Promise<void>;
  /**
   * Brings back the lesson's lab in the middle of a lesson: `state` has the run's settings or its recorded run, and `run`
   * is the run that the reader trained in the lesson. The present run stays if it is the lesson's.
   */
  resume(state: string, run: string | undefined): Promise<void>;
  /** The saved run that the reader trained in the lesson; undefined if the page shows another. */
  lessonRun(): string | undefined;
  giveBack(): Promise<void>;
}

/** The page's scroll position, to which leaving a lesson returns. */
interface Place {
  read(): number;
  set(scroll: number): void;
}

export function createOwnLabs(lab: Lab, records: LessonRecords, place: Place): OwnLabs {
  /** The panels' choices before the lesson. After a reload they are the defaults, as after any reload. */
  let choices: Choices | undefined;

  async function note(): Promise<void> {
    if (records.ownLab()) return;
    await stopTraining(lab);
    const hash = linkTo(lab).slice(lab.pageUrl.length);
    choices = choicesOf(lab);
    records.saveOwnLab({ hash, run: trainedRun(lab), scroll: place.read() });
  }

  async function set(state: string): Promise<void> {
    await lab.ready;
    await note();
    const read = readState(state);
    const { configuration } = read;
    await setRun(lab, configuration);
    // A link leaves the moment alone; a lesson may come back from an earlier one.
    if (configuration.at === 'live') lab.actions.seek('live');
    // The parts that a teacher hid stay hidden.
    const view = { ...configuration, recorded: undefined, hide: lab.store.getState().hidden };
    lab.sharing.arrange({ ...read, configuration: view });
  }

  function lessonRun(): string | undefined {
    const run = trainedRun(lab);
    return records.ownLab() && run !== records.ownLab()?.run ? run : undefined;
  }

  return {
    set,
    lessonRun,
    async resume(state, run) {
      await lab.ready;
      const { recorded } = readState(state).configuration;
      if (recorded ? lab.store.getState().recorded === recorded : lessonRun() !== undefined) return;
      const runs = recorded || run === undefined ? [] : await lab.keep.refresh();
      if (run === undefined || !runs.some(({ id }) => id === run)) return set(state);
      await note();
      await lab.openKept(run);
    },
    async giveBack() {
      const own = records.ownLab();
      if (!own) return;
      const read = readHash(own.hash);
      await stopTraining(lab);
      await putBack(lab, own.run, read);
      setChoices(lab, choices ?? defaultChoices(lab, read?.configuration));
      records.forgetOwnLab();
      place.set(own.scroll);
    },
  };
}

/** Shows the reader's own run and the view of the own lab's link. */
async function putBack(lab: Lab, run: string | undefined, read: ReadHash | undefined): Promise<void> {
  if (run !== undefined) {
    if (run !== trainedRun(lab)) await lab.openKept(run);
  } else if (read?.configuration.recorded) {
    await setRun(lab, read.configuration);
  } else if (read) {
    const { engine } = lab.store.getState().settings;
    await lab.restart({ ...defaultSettings(), engine, ...read.configuration.settings });
  }
  if (read) {
    lab.actions.seek('live');
    lab.sharing.arrange({ ...read, configuration: { ...read.configuration, recorded: undefined } });
  }
}

/** @throws if a lesson's state is not a link's. */
function readState(state: string): ReadHash {
  const read = readHash(`v=1&${state}`);
  if (read && read.problems.length === 0) return read;
  throw new Error(
    `Expected a link's keys in the lesson, found “${state}”. ${read?.problems.join(' ') ?? ''}`,
  );
}

/** Shows the recorded run, or begins the run with the settings. Without either, the present run stays. */
async function setRun(lab: Lab, { recorded, settings }: Configuration): Promise<void> {
  const now = lab.store.getState();
  const named = Object.keys(settings).length > 0;
  if (recorded) {
    if (now.recorded !== recorded) await lab.files.openRecorded({ id: recorded });
    return;
  }
  const wanted = { ...defaultSettings(), engine: now.settings.engine, ...settings };
  const isFresh = !now.recorded && now.step === 0 && JSON.stringify(wanted) === JSON.stringify(now.settings);
  // A run in progress stays untouched, even one with these settings: it is the reader's own.
  if (named && !isFresh) await lab.restart(wanted);
}

async function stopTraining({ store, workers }: Lab): Promise<void> {
  if (store.getState().status === 'training') await workers.trainer.call('stop', undefined);
}

/** The page's run, if it was trained here. */
function trainedRun({ store, keep }: Lab): string | undefined {
  const { recorded, step } = store.getState();
  return recorded || step === 0 ? undefined : keep.store.getState().present;
}

/** The reader's choices in the panels, apart from the run. */
interface Choices {
  layer: string | undefined;
  images?: Partial<ReturnType<Lab['images']['store']['getState']>>;
  spectrum: ReturnType<Lab['spectrum']['settings']['getState']>;
  geometry: ReturnType<Lab['geometry']['store']['getState']>['settings'];
  metamers?: ReturnType<Lab['metamers']['store']['getState']>['controls'];
  attack?: ReturnType<Lab['attacks']['store']['getState']>['controls'];
}

function choicesOf({ store, images, spectrum, geometry, metamers, attacks }: Lab): Choices {
  const { focus, pinned, normalize, invert } = images.store.getState();
  return {
    layer: store.getState().layer,
    images: { focus, pinned, normalize, invert },
    spectrum: spectrum.settings.getState(),
    geometry: geometry.store.getState().settings,
    metamers: metamers.store.getState().controls,
    attack: attacks.store.getState().controls,
  };
}

/** The choices of a link, and the defaults where it makes none. */
function defaultChoices({ store, spectrum, geometry }: Lab, link: Configuration | undefined): Choices {
  const layer = link?.layer ?? logitsLayer(store.getState().network);
  const { layers } = geometry.store.getState().settings;
  return {
    layer: undefined,
    spectrum: { ...spectrum.settings.getState(), layer },
    geometry: { layers, ...(link?.geometry ?? checkAnalysis({})) },
  };
}

function setChoices(lab: Lab, { layer, images, spectrum, geometry, metamers, attack }: Choices): void {
  lab.store.setState({ layer });
  lab.spectrum.set(spectrum);
  lab.geometry.set(geometry, { hold: true });
  if (images) lab.images.store.setState(images);
  if (metamers) lab.metamers.change(metamers);
  if (attack) lab.attacks.change(attack);
}
