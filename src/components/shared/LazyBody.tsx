import {
  Component,
  type ComponentType,
  lazy,
  type ReactNode,
  Suspense,
  startTransition,
  useEffect,
  useRef,
  useState,
} from 'react';
import { flushSync } from 'react-dom';
import { ErrorNotice } from './Notice.tsx';
import { onPrint } from './onPrint.ts';
import { pageTouched } from './pageTouched.ts';
import { atRest, turnAtRest } from './turns.ts';

interface LazyBodyProps {
  /** The panel's module; its default export is the body. */
  load: () => Promise<{ default: () => ReactNode }>;
  /** What stands there until then, of the body's size. */
  skeleton: ReactNode;
}

/** Milliseconds until a busy page fetches what only a printer needs. */
const LONGEST_WAIT = 5000;

/** Mounts a panel's body when the reader comes near it. A body that fails says so in its own place. */
export function LazyBody({ load, skeleton }: LazyBodyProps) {
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
          // One body after another, and each in slices: together they would hold the page up.
          void turnAtRest().then(() => {
            if (!gone) startTransition(() => setBody(() => lazy(load)));
          });
        },
        { rootMargin },
      );
      observer.observe(element);
    };
    // Nobody scrolls before the page is touched.
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
 * Mounts the body for print, wherever it is. The browser does not wait, so the module is fetched beforehand: when the page is at
 * rest after a person has touched it.
 */
function usePrintedBody(
  load: LazyBodyProps['load'],
  wanted: boolean,
  mount: (body: () => ComponentType) => void,
): void {
  useEffect(() => {
    if (!wanted) return;
    let body: ComponentType | undefined;
    const fetched = pageTouched.then(() => atRest(LONGEST_WAIT)).then(load);
    // A module that cannot be fetched is told where the body is mounted.
    fetched.then((module) => (body = module.default)).catch(() => undefined);
    return onPrint(() => flushSync(() => mount(() => body ?? lazy(load))));
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
