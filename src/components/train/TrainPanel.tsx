import { isHidden } from '../context/hidden.ts';
import { useLab } from '../context/LabContext.tsx';
import { DataStatus } from './DataStatus.tsx';
import { LearningCurves } from './LearningCurves.tsx';
import { TrainSettings } from './TrainSettings.tsx';

export default function TrainPanel() {
  const frozen = useLab(({ hidden }) => isHidden(hidden, 'settings'));
  return (
    <>
      <DataStatus />
      <LearningCurves />
      {!frozen && <TrainSettings />}
    </>
  );
}
