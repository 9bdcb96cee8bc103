import {
  Component,
  type LazyExoticComponent,
  lazy,
  type ReactNode,
  Suspense,
  startTransition,
  useEffect,
  useRef,
  useState,
} from 'react';
import { ErrorNotice } from './Notice.tsx';
import { pageTouched } from './pageTouched.ts';
import { turnAtRest } from './turns.ts';

interface LazyBodyProps {
  /** The panel's module; its default export is the body. */
  load: () => Promise<{ default: () => ReactNode }>;
  /** What stands there until then, of the body's size. */
  skeleton: ReactNode;
}

/** Mounts a panel's body when the reader comes near it. A body that fails says so in its own place. */
export function LazyBody({ load, skeleton }: LazyBodyProps) {
  const place = useRef<HTMLDivElement>(null);
  const [Body, setBody] = useState<LazyExoticComponent<() => ReactNode>>();

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
