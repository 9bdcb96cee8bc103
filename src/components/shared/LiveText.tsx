import { type CSSProperties, type RefObject, useLayoutEffect, useRef, useState } from 'react';
import { useLab } from '../context/LabContext.tsx';
import styles from './LiveText.module.css';
import { PaintedLine } from './paintedLine.ts';
import { textRoom } from './textRoom.ts';

interface LiveTextProps {
  text: string;
  /** Widths of a digit to reserve, so that nothing moves as the text grows. Default: the length of the text. */
  digits?: number;
  /** At rest the text flows and wraps like the text around it. */
  flows?: boolean;
}

/**
 * A short text that changes during training. From its first change in training on it is painted on a canvas, because the
 * browser lays out the page for every new text in the document; at rest it is text, to be selected, searched and printed.
 */
export function LiveText({ text, digits = 0, flows = false }: LiveTextProps) {
  const isLive = useLab(({ status }) => status === 'training');
  const isPainted = useChangeInTraining(text, isLive);
  const room = useRoom(text.length, isLive);
  const line = useRef<PaintedLine>(undefined);
  if (flows && !isPainted) return <span>{text}</span>;
  const width: CSSProperties & { '--digits': number } = { '--digits': Math.max(digits, room) };
  return (
    <span className={styles.live} style={width}>
      {isPainted ? <PaintedText text={text} kept={line} /> : <span>{text}</span>}
    </span>
  );
}

/** Whether the text has changed since training began; false at rest. */
function useChangeInTraining(text: string, isLive: boolean): boolean {
  const [training, setTraining] = useState<{ first: string; hasChanged: boolean }>();
  if (!isLive) {
    if (training) setTraining(undefined);
    return false;
  }
  const first = training?.first ?? text;
  const hasChanged = training?.hasChanged || text !== first;
  if (hasChanged !== training?.hasChanged) setTraining({ first, hasChanged });
  return hasChanged;
}

/** The characters that the text has room for, kept in training. */
function useRoom(length: number, isLive: boolean): number {
  const [room, setRoom] = useState(length);
  const next = textRoom(length, { room, isLive });
  if (next !== room) setRoom(next);
  return next;
}

/** A text on a kept canvas: when the browser frees the memory of many canvases at the same time, the page stalls. */
function PaintedText({ text, kept }: { text: string; kept: RefObject<PaintedLine | undefined> }) {
  const place = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    if (!place.current) return;
    kept.current ??= new PaintedLine();
    return kept.current.mount(place.current);
  }, [kept]);
  // Without a list of dependencies: the element around it may have changed its color.
  useLayoutEffect(() => kept.current?.show(text));
  return <span ref={place} />;
}
