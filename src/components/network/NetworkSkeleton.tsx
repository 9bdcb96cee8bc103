import { SkeletonBlock } from '../shared/Skeleton.tsx';

export const networkSkeleton = <SkeletonBlock height={166} />;
