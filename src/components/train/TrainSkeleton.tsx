import { SkeletonBlock } from '../shared/Skeleton.tsx';

export const trainSkeleton = <SkeletonBlock height={700} />;
