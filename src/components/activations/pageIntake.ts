import type { LabCore } from '../context/LabContext.tsx';
import { receive } from './offers.ts';

const takesText = 'input, textarea, select, [contenteditable]';

/**
 * Opens a picture that is pasted, or dropped outside a panel, in Activations, and opens run files and parameters in the
 * page. Without this, the browser would navigate to the dropped file.
 */
export function listenForPictures(lab: LabCore): void {
  window.addEventListener('dragover', (event) => {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
  });
  window.addEventListener('drop', (event) => {
    if (event.defaultPrevented || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    void take(lab, event.dataTransfer, 'drop');
  });
  window.addEventListener('paste', (event) => {
    const { target, clipboardData } = event;
    if (!clipboardData || (target instanceof Element && target.closest(takesText))) return;
    const inPanel = target instanceof Element && target.closest('#activations') !== null;
    // Ignore text that is pasted outside a panel.
    if (clipboardData.files.length === 0 && !inPanel) return;
    event.preventDefault();
    void take(lab, clipboardData, 'paste');
  });
}

async function take(lab: LabCore, transfer: DataTransfer, way: 'drop' | 'paste'): Promise<void> {
  const { isRun } = await receive(lab, transfer, way);
  if (!isRun) reveal();
}

function reveal(): void {
  const panel = document.getElementById('activations');
  const box = panel?.getBoundingClientRect();
  if (box && (box.top < 0 || box.top > window.innerHeight / 2)) panel?.scrollIntoView({ block: 'start' });
}
