import { SkeletonMaps } from '../shared/Skeleton.tsx';

export const filtersSkeleton = <SkeletonMaps count={32} across={8} />;
