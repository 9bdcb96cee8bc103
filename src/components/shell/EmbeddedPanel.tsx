import type { PanelId } from '../../lab/state/pageParts.ts';
import { useLab, useLabCore, useLabPaced } from '../context/LabContext.tsx';
import { panels } from '../panels.tsx';
import { Button } from '../shared/Button.tsx';
import { formatCount } from '../shared/format.ts';
import { Icon } from '../shared/Icon.tsx';
import { LazyBody } from '../shared/LazyBody.tsx';
import { Panel } from '../shared/Panel.tsx';
import { type CommandContext, runCommand } from './commands.ts';
import styles from './EmbeddedPanel.module.css';

/** One panel in a frame of another page, with the button that trains and a link to the whole lab. */
export default function EmbeddedPanel({ id, context }: { id: PanelId; context: CommandContext }) {
  const { title, question, load, skeleton } = panels.find((one) => one.id === id) ?? panels[0];
  const lab = useLabCore();
  const label = useLab(runCommand.label);
  const icon = useLab(runCommand.icon);
  const step = useLabPaced((state) => state.step);
  return (
    <main id="top" className={styles.embedded}>
      <Panel id={id} title={title} question={question}>
        <LazyBody load={load} skeleton={skeleton} />
      </Panel>
      <p className={styles.bar}>
        <Button variant="primary" onClick={() => runCommand.run(context)}>
          <Icon name={icon} />
          {label}
        </Button>
        <span className={styles.step}>step {formatCount(step)}</span>
        <a href={`${lab.pageUrl}#v=1&panel=${id}`} target="_blank" rel="noreferrer">
          Open the whole lab
        </a>
      </p>
    </main>
  );
}
