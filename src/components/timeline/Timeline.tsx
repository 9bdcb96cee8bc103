import { bestEpoch } from '../../lab/state/history.ts';
import { useLab, useLabActions, useLabCore, useLabPaced } from '../context/LabContext.tsx';
import { Button } from '../shared/Button.tsx';
import { formatShare } from '../shared/format.ts';
import { Icon } from '../shared/Icon.tsx';
import { LiveText } from '../shared/LiveText.tsx';
import { momentText } from './momentText.ts';
import { usePlayback } from './playback.ts';
import styles from './Timeline.module.css';
import { TimelineTrack } from './TimelineTrack.tsx';

/** The run's snapshots at the bottom of the page, which set the moment for every panel. */
export default function Timeline() {
  const { playing, play, stop } = usePlayback();
  const toggle = playing ? stop : play;
  const empty = useLab((state) => state.snapshots.length < 2);
  const thinned = useLab((state) => state.snapshotNotice);
  return (
    <section className={styles.timeline} aria-label="Timeline">
      <Button
        icon
        className={styles.play}
        disabled={empty}
        aria-label={playing ? 'Stop playing the run' : 'Play the run'}
        onClick={toggle}
      >
        <Icon name={playing ? 'pause' : 'play'} />
      </Button>
      <TimelineTrack onTake={stop} onPlay={toggle} />
      <div className={styles.side}>
        <Readings />
        <Places onTake={stop} />
      </div>
      {thinned && <p className={styles.thinned}>{thinned}</p>}
    </section>
  );
}

function Readings() {
  const { store } = useLabCore();
  // A few updates a second are enough to read.
  useLabPaced((state) => Object.values(momentText(state)).join());
  const { step, result } = momentText(store.getState());
  return (
    <p className={styles.readings}>
      <strong>
        <LiveText text={step} digits={12} />
      </strong>
      <span>
        <LiveText text={result} digits={23} />
      </span>
    </p>
  );
}

function Places({ onTake }: { onTake: () => void }) {
  const actions = useLabActions();
  const best = useLab((state) => bestEpoch(state.history));
  const isLive = useLab(({ moment }) => moment === 'live');
  const isBest = useLab(({ moment }) => best !== undefined && moment === best.step);
  const finished = useLab(({ status, history }) => status === 'idle' && history.epochs.length > 0);
  const seek = (where: 'best' | 'live') => {
    onTake();
    actions.seek(where);
  };
  return (
    <div className={styles.places}>
      <Button
        variant={finished && isLive ? 'primary' : 'plain'}
        className={styles.place}
        disabled={!best}
        aria-pressed={isBest}
        title={
          best
            ? `Epoch ${best.epoch}: ${formatShare(best.testAccuracy)} of the test set. The notebook analyzes the best epoch.`
            : 'After the first whole epoch'
        }
        onClick={() => seek('best')}
      >
        Best epoch
        {best && (
          <span className={styles.detail}>
            <LiveText text={`${best.epoch}: ${formatShare(best.testAccuracy)}`} digits={11} />
          </span>
        )}
      </Button>
      <Button className={styles.place} aria-pressed={isLive} onClick={() => seek('live')}>
        Live
      </Button>
    </div>
  );
}
