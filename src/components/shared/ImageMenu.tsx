import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useRef } from 'react';
import type { LabImage } from '../../lab/images/labImage.ts';
import { destinations, sendTo } from '../context/destinations.ts';
import { isHidden } from '../context/hidden.ts';
import { useClassNames, useLab, useLabHandle } from '../context/LabContext.tsx';
import { describeImage } from './describeImage.ts';
import styles from './ImageMenu.module.css';
import { moveOf } from './moveOf.ts';

interface ImageMenuProps {
  image: LabImage;
  anchor: RefObject<HTMLElement | null>;
  onClose: () => void;
}

/** A menu of the panels that can open an image. Arrow keys move, Escape and a click elsewhere close the menu. */
export function ImageMenu({ image, anchor, onClose }: ImageMenuProps) {
  const lab = useLabHandle();
  const menu = useMenuBeside(anchor);
  const classNames = useClassNames();
  const hidden = useLab((state) => state.hidden);
  const shown = destinations.filter(({ panel }) => !isHidden(hidden, panel));

  useEffect(() => {
    // The menu has a fixed position, so it closes when the page scrolls.
    window.addEventListener('scroll', onClose, { capture: true, passive: true });
    return () => window.removeEventListener('scroll', onClose, { capture: true });
  }, [onClose]);

  return (
    <div
      ref={menu}
      popover="auto"
      role="menu"
      aria-label={describeImage(image, classNames)}
      tabIndex={-1}
      className={styles.menu}
      onKeyDown={(event) => {
        moveFocus(event);
        if (event.key === 'Tab') onClose();
      }}
      onToggle={(event) => event.newState === 'closed' && onClose()}
    >
      <p className={styles.name}>{describeImage(image, classNames)}</p>
      {shown.map((destination) => (
        <button
          key={destination.label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          className={styles.item}
          onClick={() => {
            onClose();
            sendTo(destination, lab, image);
          }}
        >
          {destination.label}
        </button>
      ))}
    </div>
  );
}

/** Shows the menu below its anchor, or above where the window ends, and moves the focus to its first item. */
function useMenuBeside(anchor: RefObject<HTMLElement | null>) {
  const menu = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const element = menu.current;
    if (!element || !anchor.current) return;
    element.showPopover();
    const box = anchor.current.getBoundingClientRect();
    const left = Math.min(box.left, window.innerWidth - element.offsetWidth - 8);
    const below = box.bottom + 4;
    const above = box.top - element.offsetHeight - 4;
    const top = below + element.offsetHeight > window.innerHeight && above > 0 ? above : below;
    element.style.left = `${Math.max(8, left)}px`;
    element.style.top = `${top}px`;
    element.querySelector('button')?.focus({ preventScroll: true });
  }, [anchor]);
  return menu;
}

/** The arrow keys go around the menu's items. */
function moveFocus(event: KeyboardEvent<HTMLDivElement>): void {
  const items = [...event.currentTarget.querySelectorAll('button')];
  const here = items.findIndex((item) => item.matches(':focus'));
  const next = moveOf(event, {
    ArrowDown: (here + 1) % items.length,
    ArrowUp: (here + items.length - 1) % items.length,
    Home: 0,
    End: items.length - 1,
  });
  if (next === undefined) return;
  event.preventDefault();
  items[next].focus();
}
