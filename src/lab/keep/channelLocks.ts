import type { TabLocks } from './runLocks.ts';

/** Messages between tabs. If two tabs want the same run, the earlier tab gets it. */
interface Message {
  kind: 'wanted' | 'had' | 'list';
  run: string;
  tab: string;
  /** Time when the tab requested the run, in milliseconds since 1970. */
  since: number;
}

/** Milliseconds to wait for other tabs' answers; a later answer from a busy tab still counts. */
const ANSWER_WAIT = 400;
const CHANNEL = 'untangle.runs';

/**
 * Locks for pages without Web Locks, as on plain http: tabs ask each other. A closed tab holds no locks. If a busy tab
 * answers late, the tab that came later loses the run and is notified.
 */
export function createChannelLocks({
  wait = ANSWER_WAIT,
}: {
  wait?: number;
} = {}): TabLocks & { close(): void } {
  const tab = Math.random().toString(36).slice(2);
  const channel = new BroadcastChannel(CHANNEL);
  /** Runs that this tab holds or has requested. */
  const mine = new Map<string, { since: number; granted: boolean }>();
  const answers = createAnswers(wait);
  let tellLost: (run: string) => void = () => undefined;

  const tell = (message: Omit<Message, 'tab'>) => channel.postMessage({ ...message, tab });
  const tellHad = (run: string, since: number) => tell({ kind: 'had', run, since });

  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    const { kind, run, since } = data;
    if (kind === 'list') {
      for (const [each, { since, granted }] of mine) if (granted) tellHad(each, since);
      return;
    }
    const own = mine.get(run);
    if (own && (own.since < since || (own.since === since && tab < data.tab))) {
      tellHad(run, own.since);
    } else if (kind === 'had') {
      mine.delete(run);
      answers.tell(run);
      if (own?.granted) tellLost(run);
    }
  };

  return {
    async take(run) {
      const known = mine.get(run);
      if (known) return known.granted;
      const own = { since: Date.now(), granted: false };
      mine.set(run, own);
      tell({ kind: 'wanted', run, since: own.since });
      await answers.gather((other) => other === run);
      own.granted = mine.get(run) === own;
      return own.granted;
    },
    release: (run) => void mine.delete(run),
    async held() {
      const held = new Set(mine.keys());
      tell({ kind: 'list', run: '', since: Date.now() });
      await answers.gather((run) => !held.add(run));
      return held;
    },
    onLost(callback) {
      tellLost = callback;
    },
    close: () => channel.close(),
  };
}

/** The runs that other tabs say they hold. */
function createAnswers(wait: number) {
  const listeners = new Set<(run: string) => void>();
  return {
    tell(run: string): void {
      for (const listener of listeners) listener(run);
    },
    /** Waits for answers and passes each run held by another tab to `heard`, which may end the wait. */
    gather(heard: (run: string) => boolean): Promise<void> {
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          listeners.delete(listener);
          resolve();
        };
        const listener = (run: string) => {
          if (heard(run)) end();
        };
        const timer = setTimeout(end, wait);
        listeners.add(listener);
      });
    },
  };
}
