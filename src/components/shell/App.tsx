import {
  type ComponentType,
  lazy,
  type ReactNode,
  Suspense,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { sentenceOf } from '../../lab/state/errorText.ts';
import { isHidden } from '../context/hidden.ts';
import { type LabCore, LabProvider } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';
import { OwnImagesGate } from '../data/OwnImagesGate.tsx';
import { lessonOfTab, rememberLesson } from '../learn/tabLesson.ts';
import { article, network, panels, timeline } from '../panels.tsx';
import { keepInView } from '../shared/keepInView.ts';
import { LazyBody } from '../shared/LazyBody.tsx';
import { ErrorNotice } from '../shared/Notice.tsx';
import { PagePart } from '../shared/PagePart.tsx';
import { Panel } from '../shared/Panel.tsx';
import styles from './App.module.css';
import { type CommandContext, handleKey } from './commands.ts';
import { Header } from './Header.tsx';
import { Navigation } from './Navigation.tsx';
import { PageNotices } from './PageNotices.tsx';
import { useFolding } from './useFolding.ts';
import { Welcome } from './Welcome.tsx';

/** Fetched in a frame only. */
const EmbeddedPanel = lazy(() => import('./EmbeddedPanel.tsx'));
/** Fetched with the first lesson. */
const LessonSheet = lazy(() => import('../learn/LessonSheet.tsx'));

type DialogBody = ComponentType<{ onClose: () => void; openChecks: () => void }>;

interface AppProps {
  lab: LabCore;
  /** The panel that a link scrolls to on opening. */
  first?: string;
}

export function App({ lab, first }: AppProps) {
  const [problem, setProblem] = useState<string>();
  const { context, dialog } = useCommands(lab, setProblem);
  const embed = useStore(lab.store, (state) => state.embed);
  const lesson = useLesson(lab);

  useEffect(() => {
    const panel = document.getElementById(first ?? '');
    return panel ? keepInView(panel, { untilScrolled: true }) : undefined;
  }, [first]);

  if (embed) {
    return (
      <LabProvider lab={lab}>
        <Suspense fallback={null}>
          <EmbeddedPanel id={embed} context={context} />
        </Suspense>
      </LabProvider>
    );
  }
  return (
    <LabProvider lab={lab}>
      <Page context={context}>
        {problem && (
          <div className={styles.problem}>
            <ErrorNotice message={problem} onDismiss={() => setProblem(undefined)} />
          </div>
        )}
      </Page>
      {lesson && (
        <Suspense fallback={null}>
          <LessonSheet key={lesson} id={lesson} />
        </Suspense>
      )}
      <OwnImagesGate />
      {dialog}
    </LabProvider>
  );
}

/** The context of the page's commands and the dialog that a command has opened. The commands' keys work everywhere. */
function useCommands(lab: LabCore, setProblem: (problem: string) => void) {
  const [OpenDialog, setOpenDialog] = useState<DialogBody>();
  const context = useMemo<CommandContext>(() => {
    const report = (found: unknown) => setProblem(sentenceOf(found));
    const open = (load: () => Promise<{ default: DialogBody }>) => () =>
      void load().then((module) => setOpenDialog(() => module.default), report);
    return {
      lab,
      openHelp: open(() => import('./HelpDialog.tsx')),
      openRuns: open(() => import('../runs/RunsDialog.tsx')),
      openShare: open(async () => {
        const [module] = await Promise.all([import('../share/ShareDialog.tsx'), lab.whole()]);
        return module;
      }),
      openExport: open(() => import('../share/ExportDialog.tsx')),
      openChecks: open(() => import('../trust/ChecksDialog.tsx')),
      openLessons: open(() => import('../learn/LessonsDialog.tsx')),
      report,
    };
  }, [lab, setProblem]);

  useEffect(() => {
    const listener = (event: KeyboardEvent) => handleKey(event, context);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, [context]);

  const dialog = OpenDialog && (
    <OpenDialog onClose={() => setOpenDialog(undefined)} openChecks={context.openChecks} />
  );
  return { context, dialog };
}

/** The open lesson, which a reload of the tab opens again. */
function useLesson(lab: LabCore) {
  const lesson = useStore(lab.store, (state) => state.lesson);
  useEffect(() => {
    const open = lessonOfTab();
    if (open && !lab.store.getState().lesson) lab.actions.openLesson(open);
  }, [lab]);
  useEffect(() => rememberLesson(lesson), [lesson]);
  return lesson;
}

/** The whole page: header, panels and timeline. The children stand below the header. */
function Page({ context, children }: { context: CommandContext; children: ReactNode }) {
  const { store } = context.lab;
  const header = useRef<HTMLElement>(null);
  const footer = useRef<HTMLElement>(null);
  const [unfolded, setUnfolded] = useState(false);
  useFolding(header, footer, unfolded);
  const hidden = useStore(store, (state) => state.hidden);
  const shown = useMemo(() => panels.filter(({ id }) => !isHidden(hidden, id)), [hidden]);
  return (
    <>
      <a className={styles.skip} href="#train">
        Skip to the panels
      </a>
      <Header
        context={context}
        navigation={<Navigation panels={shown} />}
        bar={header}
        open={unfolded}
        onOpen={setUnfolded}
      />
      {children}
      <PageNotices />
      <main id="top" className={styles.main}>
        <Welcome />
        <PagePart id="network" className={styles.network} aria-label="Network">
          <LazyBody load={network.load} skeleton={network.skeleton} />
        </PagePart>
        {shown.map(({ id, title, question, span, load, skeleton }) => (
          <Panel key={id} id={id} title={title} question={question} span={span}>
            <LazyBody load={load} skeleton={skeleton} />
          </Panel>
        ))}
        <PagePart as="div" className={styles.article}>
          <LazyBody load={article.load} skeleton={article.skeleton} />
        </PagePart>
        <p className={styles.colophon}>
          Nothing leaves this page.{' '}
          <button type="button" onClick={context.openChecks}>
            How the numbers are checked
          </button>
        </p>
      </main>
      {!isHidden(hidden, 'timeline') && (
        <footer ref={footer} className={styles.timeline} data-open={unfolded}>
          <LazyBody load={timeline.load} skeleton={timeline.skeleton} />
        </footer>
      )}
    </>
  );
}
