import { DataStatus } from './DataStatus.tsx';
import { LearningCurves } from './LearningCurves.tsx';
import { TrainSettings } from './TrainSettings.tsx';

export default function TrainPanel() {
  return (
    <>
      <DataStatus />
      <LearningCurves />
      <TrainSettings />
    </>
  );
}
