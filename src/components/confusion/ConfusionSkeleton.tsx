import { SkeletonBlock } from '../shared/Skeleton.tsx';

export const confusionSkeleton = <SkeletonBlock height={460} />;
