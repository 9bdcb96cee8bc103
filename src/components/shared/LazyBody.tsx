import {
  Component,
  type ComponentType,
  lazy,
  type ReactNode,
  Suspense,
  startTransition,
  useCallback,
  useEffect,
  useRef,
  useState,
} from 'react';
import { flushSync } from 'react-dom';
import { type LabCore, useLabCore } from '../context/LabContext.tsx';
import { onPrint } from '../drawing/onPrint.ts';
import { ErrorNotice } from './Notice.tsx';
import { pageTouched } from './pageTouched.ts';
import { atRest, turnAtRest } from './turns.ts';

interface LazyBodyProps {
  /** Fetches the panel's module, whose default export is the body, and the part of the lab that the body uses. */
  load: (lab: LabCore) => Promise<{ default: () => ReactNode }>;
  /** A placeholder of the body's size, shown until the body loads. */
  skeleton: ReactNode;
}

/** Milliseconds after which even a busy page fetches the bodies for printing. */
const LONGEST_WAIT = 5000;

/** Mounts a panel's body when the reader scrolls near. A body that fails shows the error in its own panel. */
export function LazyBody({ load: loadFor, skeleton }: LazyBodyProps) {
  const lab = useLabCore();
  const load = useCallback(() => loadFor(lab), [loadFor, lab]);
  const place = useRef<HTMLDivElement>(null);
  const [Body, setBody] = useState<ComponentType>();
  usePrintedBody(load, Body === undefined, setBody);

  useEffect(() => {
    const element = place.current;
    if (!element || Body) return;
    let observer: IntersectionObserver | undefined;
    let gone = false;
    let asked = false;
    const mountWithin = (rootMargin: string) => {
      if (gone || asked) return;
      observer?.disconnect();
      observer = new IntersectionObserver(
        (entries) => {
          if (asked || !entries.some(({ isIntersecting }) => isIntersecting)) return;
          asked = true;
          // Mount one body at a time, each in slices; all at once would block the page.
          void turnAtRest().then(() => {
            if (!gone) startTransition(() => setBody(() => lazy(load)));
          });
        },
        { rootMargin },
      );
      observer.observe(element);
    };
    // Before the first interaction nobody scrolls, so there is no need to load ahead.
    mountWithin('0px');
    void pageTouched.then(() => mountWithin('600px'));
    return () => {
      gone = true;
      observer?.disconnect();
    };
  }, [Body, load]);

  const waiting = (
    <div ref={place} aria-busy="true">
      {skeleton}
    </div>
  );
  if (!Body) return waiting;
  return (
    <BodyBoundary onRetry={() => setBody(() => lazy(load))}>
      <Suspense fallback={waiting}>
        <Body />
      </Suspense>
    </BodyBoundary>
  );
}

/**
 * Mounts the body for printing even if out of view. The browser does not wait for a fetch when printing starts, so the
 * module is fetched beforehand, when the page is idle after the first interaction.
 */
function usePrintedBody(
  load: () => ReturnType<LazyBodyProps['load']>,
  wanted: boolean,
  mount: (body: () => ComponentType) => void,
): void {
  useEffect(() => {
    if (!wanted) return;
    let body: ComponentType | undefined;
    const fetched = pageTouched.then(() => atRest(LONGEST_WAIT)).then(load);
    // A failed fetch is reported where the body is mounted.
    fetched.then((module) => (body = module.default)).catch(() => undefined);
    return onPrint((isPrinting) => {
      if (isPrinting) flushSync(() => mount(() => body ?? lazy(load)));
    });
  }, [load, wanted, mount]);
}

interface BoundaryProps {
  onRetry: () => void;
  children: ReactNode;
}

class BodyBoundary extends Component<BoundaryProps, { problem?: Error }> {
  override state: { problem?: Error } = {};

  static getDerivedStateFromError(problem: unknown) {
    return { problem: problem instanceof Error ? problem : new Error(String(problem)) };
  }

  override render() {
    if (!this.state.problem) return this.props.children;
    return (
      <ErrorNotice
        message={`This panel stopped: ${this.state.problem.message}`}
        onRetry={() => {
          this.setState({ problem: undefined });
          this.props.onRetry();
        }}
      />
    );
  }
}
