import { SkeletonBlock } from '../shared/Skeleton.tsx';

export const metamersSkeleton = <SkeletonBlock height={720} />;
