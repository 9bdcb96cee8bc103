import { useEffect, useMemo, useRef, useState } from 'react';
import { type Lab, LabProvider } from '../LabContext.tsx';
import { panels, timeline as Timeline } from '../panels.tsx';
import { LazyBody } from '../shared/LazyBody.tsx';
import { ErrorNotice } from '../shared/Notice.tsx';
import { Panel } from '../shared/Panel.tsx';
import styles from './App.module.css';
import { type CommandContext, handleKey } from './commands.ts';
import { Header } from './Header.tsx';
import { HelpDialog } from './HelpDialog.tsx';
import { Navigation } from './Navigation.tsx';
import { PageNotices } from './PageNotices.tsx';

export function App({ lab }: { lab: Lab }) {
  const help = useRef<HTMLDialogElement>(null);
  const [problem, setProblem] = useState<string>();
  const context = useMemo<CommandContext>(
    () => ({
      lab,
      openHelp: () => help.current?.showModal(),
      report: (found) => setProblem(found instanceof Error ? found.message : String(found)),
    }),
    [lab],
  );

  useEffect(() => {
    const listener = (event: KeyboardEvent) => handleKey(event, context);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, [context]);

  return (
    <LabProvider lab={lab}>
      <a className={styles.skip} href="#train">
        Skip to the panels
      </a>
      <Header context={context} navigation={<Navigation panels={panels} />} />
      {problem && (
        <div className={styles.problem}>
          <ErrorNotice message={problem} onDismiss={() => setProblem(undefined)} />
        </div>
      )}
      <PageNotices />
      <main id="top" className={styles.main}>
        {panels.map(({ id, title, question, span, load, skeleton }) => (
          <Panel key={id} id={id} title={title} question={question} span={span}>
            <LazyBody load={load} skeleton={skeleton} />
          </Panel>
        ))}
      </main>
      {Timeline && (
        <footer className={styles.timeline}>
          <Timeline />
        </footer>
      )}
      <HelpDialog ref={help} panels={panels} />
    </LabProvider>
  );
}
