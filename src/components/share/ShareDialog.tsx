import { useEffect, useMemo, useRef, useState } from 'react';
import { linkTo } from '../../lab/share/link.ts';
import { CONTROLS, type Hideable } from '../../lab/state/pageParts.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { panels } from '../panels.tsx';
import { Button } from '../shared/Button.tsx';
import { Dialog } from '../shared/Dialog.tsx';
import styles from './ShareDialog.module.css';

const controlNames: Record<(typeof CONTROLS)[number], string> = {
  settings: 'Training settings',
  timeline: 'Timeline',
  reset: 'Reset',
  step: 'Step',
  share: 'Share',
  export: 'Export',
};
const parts: readonly { id: Hideable; name: string }[] = [
  ...CONTROLS.map((id) => ({ id, name: controlNames[id] })),
  ...panels.map(({ id, title }) => ({ id, name: title })),
];

/** The link to a lab set up as this one is, copied at once, and what it should hide from those who open it. */
export default function ShareDialog({ onClose }: { onClose: () => void }) {
  const lab = useLabHandle();
  const field = useRef<HTMLInputElement>(null);
  const [hide, setHide] = useState<readonly Hideable[]>(lab.store.getState().hidden);
  const [copied, setCopied] = useState<{ link: string; done: boolean }>();
  const link = useMemo(
    () =>
      linkTo(lab, {
        panel: panels.find(({ id }) => id === panelInView())?.id,
        hide,
      }),
    [lab, hide],
  );

  const copy = async () => {
    const done = await copyText(link);
    setCopied({ link, done });
    if (!done) field.current?.select();
  };
  // What "Share" means is the link in the clipboard; choosing what to hide comes after.
  const copyFirst = useRef(copy);
  useEffect(() => void copyFirst.current(), []);

  const isCopied = copied?.link === link && copied.done;
  const isRefused = copied?.link === link && !copied.done;
  return (
    <Dialog title="Share" onClose={onClose}>
      <p>
        Whoever opens this link gets a lab set up as this one is: settings, seed, panel, layer, image and
        moment. To share what was trained, export the run as a file.
      </p>
      <div className={styles.link}>
        <input
          ref={field}
          className={styles.address}
          aria-label="Link to this lab"
          readOnly
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Button look="primary" onClick={() => void copy()}>
          {isCopied ? 'Copied' : 'Copy'}
        </Button>
      </div>
      <p role="status" className={styles.status}>
        {isCopied && 'The link is in the clipboard.'}
        {isRefused &&
          'The browser does not let the page copy. The link is selected: copy it with the keyboard or its menu.'}
      </p>
      <fieldset className={styles.parts}>
        <legend>Hide from those who open it</legend>
        {parts.map(({ id, name }) => (
          <label key={id}>
            <input
              type="checkbox"
              checked={hide.includes(id)}
              onChange={({ target }) =>
                setHide(target.checked ? [...hide, id] : hide.filter((other) => other !== id))
              }
            />
            {name}
          </label>
        ))}
      </fieldset>
    </Dialog>
  );
}

/** As the navigation marks it. */
function panelInView(): string | undefined {
  return document.querySelector('nav a[aria-current]')?.getAttribute('href')?.slice(1);
}

/** Whether the text is in the clipboard now: browsers and frames may forbid it. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
