import { lazy, Suspense } from 'react';
import { useLabCore } from '../context/LabContext.tsx';
import { useStore } from '../context/useStore.ts';

const OwnImagesDialog = lazy(() => import('./OwnImagesDialog.tsx'));

/** The dialog of a person's own images, while some are read or previewed. */
export function OwnImagesGate() {
  const { ownImages } = useLabCore();
  const isOpen = useStore(ownImages.store, ({ name }) => name !== undefined);
  if (!isOpen) return undefined;
  return (
    <Suspense>
      <OwnImagesDialog />
    </Suspense>
  );
}
