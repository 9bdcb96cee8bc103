import { useEffect, useMemo, useRef, useState } from 'react';
import { linkTo } from '../../lab/share/link.ts';
import { CONTROLS, type Hideable } from '../../lab/state/pageParts.ts';
import { useLabHandle } from '../context/LabContext.tsx';
import { panels } from '../panels.tsx';
import { Button } from '../shared/Button.tsx';
import { Checkbox } from '../shared/Checkbox.tsx';
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

/** A link to a lab with the same setup, copied at once, with options to hide parts of the page. */
export default function ShareDialog({ onClose }: { onClose: () => void }) {
  const lab = useLabHandle();
  const [hide, setHide] = useState<readonly Hideable[]>(lab.store.getState().hidden);
  const inView = useMemo(() => panels.find(({ id }) => id === panelInView())?.id, []);
  const link = useMemo(() => linkTo(lab, { panel: inView, hide }), [lab, inView, hide]);
  return (
    <Dialog title="Share" onClose={onClose}>
      <p>
        This link opens a lab with the same setup: settings, seed, panel, layer, image and moment. To share
        the trained network, export the run as a file.
      </p>
      <CopiedLink link={link} />
      <details className={styles.embed}>
        <summary>One panel in another page</summary>
        <p>
          This HTML shows the panel in view, with a button that trains and a link to the whole lab. Change
          <code> embed=</code> for another panel.
        </p>
        <textarea
          className={styles.address}
          aria-label="HTML of one panel"
          readOnly
          rows={4}
          value={frameOf(linkTo(lab, { hide, embed: inView ?? panels[0].id }))}
          onFocus={(event) => event.currentTarget.select()}
        />
      </details>
      <fieldset className={styles.parts}>
        <legend>Hide in the shared lab</legend>
        {parts.map(({ id, name }) => (
          <Checkbox
            key={id}
            checked={hide.includes(id)}
            onChange={(checked) => setHide(checked ? [...hide, id] : hide.filter((other) => other !== id))}
          >
            {name}
          </Checkbox>
        ))}
      </fieldset>
    </Dialog>
  );
}

/** The link, with a button that copies it. */
function CopiedLink({ link }: { link: string }) {
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState<{ link: string; done: boolean; wasAsked: boolean }>();
  const copy = async ({ wasAsked }: { wasAsked: boolean }) => {
    const done = await copyText(link);
    setCopied({ link, done, wasAsked });
    if (!done) field.current?.select();
  };
  // Copy the link at once, as people expect of "Share"; choosing what to hide comes after. Some
  // browsers allow copying only at a press of Copy, so a refusal says nothing yet.
  const copyFirst = useRef(copy);
  useEffect(() => void copyFirst.current({ wasAsked: false }), []);

  const isCopied = copied?.link === link && copied.done;
  const isRefused = copied?.link === link && copied.wasAsked && !copied.done;
  return (
    <>
      <div className={styles.link}>
        <input
          ref={field}
          className={styles.address}
          aria-label="Link to this lab"
          readOnly
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Button variant="primary" onClick={() => void copy({ wasAsked: true })}>
          {isCopied ? 'Copied' : 'Copy'}
        </Button>
      </div>
      <p role="status" className={styles.status}>
        {isCopied && 'The link is on the clipboard.'}
        {isRefused &&
          'The browser does not allow this page to copy. The link is selected: copy it with the keyboard or the context menu.'}
      </p>
    </>
  );
}

/** HTML that shows the linked panel in another page. */
function frameOf(link: string): string {
  return `<iframe src="${link.replaceAll('&', '&amp;')}" title="Untangle" width="720" height="640" loading="lazy"></iframe>`;
}

/** The panel that the navigation marks as current. */
function panelInView(): string | undefined {
  return document.querySelector('nav a[aria-current]')?.getAttribute('href')?.slice(1);
}

/** Copies the text, and returns whether that worked; browsers and frames may forbid it. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
