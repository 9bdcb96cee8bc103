import { type CSSProperties, type ReactNode, type RefObject, useState } from 'react';
import { isHidden } from '../context/hidden.ts';
import { useLab, useLabActions, useLabPaced } from '../context/LabContext.tsx';
import { useTheme } from '../context/theme.ts';
import { Button } from '../shared/Button.tsx';
import { formatCount, formatShare, formatValue } from '../shared/format.ts';
import { Icon } from '../shared/Icon.tsx';
import { LiveText } from '../shared/LiveText.tsx';
import {
  type Command,
  type CommandContext,
  exportCommand,
  helpCommand,
  learnCommand,
  resetCommand,
  runCommand,
  runsCommand,
  shareCommand,
  stepCommand,
  themeCommand,
} from './commands.ts';
import { EngineBadge } from './EngineBadge.tsx';
import styles from './Header.module.css';
import { Mark, untangledShare } from './Mark.tsx';
import { RunRuler } from './RunRuler.tsx';
import { type Readings, readingsAt } from './readings.ts';

interface HeaderProps {
  context: CommandContext;
  navigation: ReactNode;
  bar: RefObject<HTMLElement | null>;
  /** Whether a person has unfolded the header. */
  open: boolean;
  onOpen: (open: boolean) => void;
}

/** The run's readings, its engine, and the training controls. */
export function Header({ context, navigation, bar, open, onOpen }: HeaderProps) {
  const readings = useLabPaced(readingsAt);
  const hidden = useLab((state) => state.hidden);

  return (
    <header id="header" ref={bar} className={styles.header} data-open={open}>
      <div className={styles.bar}>
        <a className={styles.brand} href="#top">
          <Mark untangled={untangledShare(readings.train?.accuracy)} />
          <h1 className={styles.name}>Untangle</h1>
        </a>
        <div className={styles.badge}>
          <EngineBadge />
        </div>
        <Clock readings={readings} />
        <div className={styles.controls}>
          {!isHidden(hidden, 'reset') && (
            <CommandButton command={resetCommand} context={context} className={styles.reset} />
          )}
          {!isHidden(hidden, 'step') && (
            <CommandButton command={stepCommand} context={context} className={styles.step} />
          )}
          <RunButton context={context} />
          <Button
            icon
            className={styles.unfold}
            aria-label="All controls"
            aria-expanded={open}
            aria-controls="header"
            onClick={() => onOpen(!open)}
          >
            <Icon name={open ? 'fold' : 'unfold'} />
          </Button>
        </div>
      </div>
      <div className={styles.rail}>
        {navigation}
        <div className={styles.tools}>
          <RecordedRun context={context} />
          <MomentNotice readings={readings} />
          {!isHidden(hidden, 'reset') && <CommandButton command={runsCommand} context={context} bare />}
          {!isHidden(hidden, 'share') && <CommandButton command={shareCommand} context={context} bare />}
          {!isHidden(hidden, 'export') && <CommandButton command={exportCommand} context={context} bare />}
          <CommandButton command={learnCommand} context={context} bare />
          <ThemeButton context={context} />
          <CommandButton command={helpCommand} context={context} bare />
        </div>
      </div>
      <RunRuler readings={readings} />
    </header>
  );
}

function Clock({ readings }: { readings: Readings }) {
  const { epoch, epochs, step, train, test } = readings;
  const trainTitle = train
    ? `Mean of the last ${train.batches} training batches`
    : 'Mean of the last training batches';
  const testTitle = test
    ? `All test images, after epoch ${test.epoch}`
    : 'The test set is evaluated after each epoch';
  return (
    <dl className={styles.clock}>
      <Reading
        name="Epoch"
        value={`${epoch} / ${epochs}`}
        wide={Math.max(6, `${epochs} / ${epochs}`.length - 1)}
      />
      <Reading name="Step" value={formatCount(step)} wide={6} />
      <Reading
        name="Train accuracy"
        short="Train"
        value={train ? formatShare(train.accuracy) : '–'}
        title={trainTitle}
        wide={7}
      />
      <Reading
        name="Train loss"
        short="loss"
        value={train ? formatValue(train.loss) : '–'}
        title={trainTitle}
        wide={6}
      />
      <Reading
        name="Test accuracy"
        short="Test"
        value={test ? formatShare(test.testAccuracy) : '–'}
        title={testTitle}
        wide={7}
        test
      />
      <Reading
        name="Test loss"
        short="loss"
        value={test ? formatValue(test.testLoss) : '–'}
        title={testTitle}
        wide={6}
        test
      />
    </dl>
  );
}

interface ReadingProps {
  name: string;
  /** The reading's name on a narrow screen. */
  short?: string;
  value: string;
  title?: string;
  /** Number of digits to reserve, so that nothing moves as the value grows. */
  wide: number;
  test?: boolean;
}

function Reading({ name, short = name, value, title, wide, test = false }: ReadingProps) {
  // A value that is one character longer is condensed: a new width would lay out the page.
  const room: CSSProperties & { '--digits': number } = { '--digits': Math.max(wide, value.length - 1) };
  return (
    <div className={`${styles.reading} ${test ? styles.test : ''}`} title={title}>
      <dt>
        <span className={styles.long}>{name}</span>
        <span className={styles.short} aria-hidden="true">
          {short}
        </span>
      </dt>
      <dd style={room}>
        <LiveText text={value} digits={room['--digits']} />
      </dd>
    </div>
  );
}

interface CommandButtonProps {
  command: Command;
  context: CommandContext;
  className?: string;
  /** Show the icon without text. */
  bare?: boolean;
}

function CommandButton({ command, context, className, bare = false }: CommandButtonProps) {
  const label = useLab(command.label);
  const icon = useLab(command.icon);
  const enabled = useLab(command.enabled);
  return (
    <Button
      className={className}
      variant={bare ? 'quiet' : 'plain'}
      icon={bare}
      disabled={!enabled}
      aria-label={label}
      aria-keyshortcuts={command.key === ' ' ? 'Space' : command.key}
      title={`${command.description} (${command.keyName})`}
      onClick={() => command.run(context)}
    >
      <Icon name={icon} />
      {!bare && <span className={styles.word}>{label}</span>}
    </Button>
  );
}

function RunButton({ context }: { context: CommandContext }) {
  const label = useLab(runCommand.label);
  const icon = useLab(runCommand.icon);
  return (
    <Button
      variant="primary"
      className={styles.run}
      aria-keyshortcuts="Space"
      title={`${runCommand.description} (${runCommand.keyName})`}
      onClick={() => runCommand.run(context)}
    >
      <Icon name={icon} />
      {label}
    </Button>
  );
}

function ThemeButton({ context }: { context: CommandContext }) {
  const theme = useTheme();
  return (
    <Button
      variant="quiet"
      icon
      aria-label={theme === 'dark' ? 'Switch to the light theme' : 'Switch to the dark theme'}
      aria-keyshortcuts={themeCommand.key}
      title={`${themeCommand.description} (${themeCommand.keyName})`}
      onClick={() => themeCommand.run(context)}
    >
      <Icon name={theme === 'dark' ? 'sun' : 'moon'} />
    </Button>
  );
}

/** The recorded run that comes with the site, shown before the first training. */
function RecordedRun({ context: { lab, report } }: { context: CommandContext }) {
  const recorded = useLab((state) => state.recorded);
  const untrained = useLab(({ status, step }) => status === 'idle' && step === 0);
  const [opening, setOpening] = useState(false);
  const live = useLab(({ moment }) => moment === 'live');
  if (recorded) {
    // At an earlier moment, the notice of that moment says so.
    if (!live) return null;
    return (
      <p className={styles.moment}>
        <span>
          Recorded run<span className={styles.more}>; press Train to start your own</span>
        </span>
      </p>
    );
  }
  if (!untrained) return null;
  const open = async () => {
    setOpening(true);
    await lab.files.openRecorded().catch(report);
    setOpening(false);
  };
  return (
    <Button variant="quiet" className={styles.recorded} disabled={opening} onClick={() => void open()}>
      {opening ? (
        'Opening …'
      ) : (
        <>
          <span className={styles.more}>Show a </span>
          <span className={styles.noun}>recorded run</span>
        </>
      )}
    </Button>
  );
}

function MomentNotice({ readings }: { readings: Readings }) {
  const actions = useLabActions();
  const recorded = useLab((state) => state.recorded);
  if (readings.live) return null;
  return (
    <p className={styles.moment}>
      {recorded ? 'Recorded run, step' : 'Showing step'} {formatCount(readings.step)}
      <Button variant="quiet" onClick={() => actions.seek('live')}>
        Back to live
      </Button>
    </p>
  );
}
