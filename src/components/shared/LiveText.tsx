import { type CSSProperties, useLayoutEffect, useRef } from 'react';
import { useLab } from '../context/LabContext.tsx';
import { onThemeChange } from '../context/theme.ts';
import styles from './LiveText.module.css';
import { isSameLook, paintText, type TextLook, textLook } from './paintText.ts';

interface LiveTextProps {
  text: string;
  /** Widths of a digit to reserve, so that nothing moves as the text grows. Default: the length of the text. */
  digits?: number;
}

/**
 * A short text that changes during training. It is then painted on a canvas, because the browser lays out the page for every
 * new text in the document; at rest it is text, to be selected, searched and printed.
 */
export function LiveText({ text, digits = 0 }: LiveTextProps) {
  const isLive = useLab(({ status }) => status === 'training');
  const room: CSSProperties & { '--digits': number } = { '--digits': Math.max(digits, text.length) };
  return (
    <span className={styles.live} style={room}>
      {isLive ? <PaintedText text={text} /> : <span>{text}</span>}
    </span>
  );
}

/** The text is also the canvas's content, which the browser does not lay out, but tells to screen readers. */
function PaintedText({ text }: { text: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useRef({ width: 0, height: 0 });
  const shown = useRef<{ text: string; look: TextLook }>(undefined);

  useLayoutEffect(() => {
    const paper = canvas.current;
    if (!paper) return;
    const paint = () => {
      if (shown.current) paintText(paper, shown.current.text, size.current, shown.current.look);
    };
    // Reading the look here would lay out the page for every text, because each canvas changes its size.
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry.contentRect;
      size.current = { width, height };
      paint();
    });
    observer.observe(paper);
    const stopTheme = onThemeChange(() => {
      if (shown.current) shown.current.look = textLook(paper);
      paint();
    });
    return () => {
      observer.disconnect();
      stopTheme();
    };
  }, []);

  // Without a list of dependencies: the element around it may have changed its color.
  useLayoutEffect(() => {
    const paper = canvas.current;
    if (!paper) return;
    const look = shown.current?.look ?? textLook(paper);
    shown.current = { text, look };
    paintText(paper, text, size.current, look);
    return afterFrame(() => {
      const now = textLook(paper);
      if (isSameLook(now, look)) return;
      shown.current = { text, look: now };
      paintText(paper, text, size.current, now);
    });
  });

  return <canvas ref={canvas}>{text}</canvas>;
}

/** Calls back when the page is laid out and painted, so that reading a style lays out nothing. Returns a cancel. */
function afterFrame(callback: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(callback);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
