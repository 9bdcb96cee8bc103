import { Dialog } from '../shared/Dialog.tsx';

export default function ExportDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Export" onClose={onClose}>
      <p />
    </Dialog>
  );
}
