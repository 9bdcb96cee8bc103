/** Longest wait for one panel, in milliseconds. A panel that takes longer is printed as it stands. */
const LONGEST_WAIT = 15_000;
const PAUSE = 50;
/** What a panel has while it loads or computes. */
const UNFINISHED = '[aria-busy="true"], [data-waiting], [role="progressbar"]';

/**
 * Shows every panel until its figures are there, returns to the place on the page, and opens the browser's print dialog.
 * A panel out of view computes nothing, and the browser's own print command does not wait for panels.
 */
export async function printPage(): Promise<void> {
  const { scrollX, scrollY } = window;
  for (const panel of document.querySelectorAll('main > section')) {
    panel.scrollIntoView({ behavior: 'instant', block: 'center' });
    await figuresOf(panel);
  }
  window.scrollTo({ left: scrollX, top: scrollY, behavior: 'instant' });
  window.print();
}

/** Resolves when the panel neither loads nor computes. */
async function figuresOf(panel: Element): Promise<void> {
  const until = performance.now() + LONGEST_WAIT;
  // The browser tells a panel that it is in view with a frame, and the panel asks its questions then.
  for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);
  do {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  } while (panel.querySelector(UNFINISHED) && performance.now() < until);
}
