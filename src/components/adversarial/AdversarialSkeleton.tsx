import { SkeletonBlock } from '../shared/Skeleton.tsx';

export const adversarialSkeleton = <SkeletonBlock height={620} />;
