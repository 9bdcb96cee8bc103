import { SkeletonBlock } from '../shared/Skeleton.tsx';

export const geometrySkeleton = <SkeletonBlock height={1480} />;
