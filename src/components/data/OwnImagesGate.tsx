import { lazy, Suspense } from 'react';
import { useStore } from 'zustand';
import { useLabCore } from '../context/LabContext.tsx';

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
