import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
import { PlaceContext } from '../context/place.ts';
import { Button } from './Button.tsx';
import styles from './Dialog.module.css';
import { Icon } from './Icon.tsx';

interface DialogProps {
  title: string;
  children: ReactNode;
  onClose: () => void;
}

/** A modal dialog, open while mounted. Escape, the close button or a click on the backdrop closes it. */
export function Dialog({ title, children, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();

  useLayoutEffect(() => dialog.current?.showModal(), []);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog; the click is the backdrop's
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-labelledby={id}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
    >
      <div className={styles.content}>
        <header className={styles.header}>
          <h2 id={id}>{title}</h2>
          <Button variant="quiet" icon aria-label={`Close ${title}`} onClick={() => dialog.current?.close()}>
            <Icon name="close" />
          </Button>
        </header>
        {/* An open dialog is in view, wherever the button is that opened it. */}
        <PlaceContext value={undefined}>{children}</PlaceContext>
      </div>
    </dialog>
  );
}
