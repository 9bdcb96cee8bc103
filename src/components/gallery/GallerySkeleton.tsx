import { SkeletonBlock } from '../shared/Skeleton.tsx';

export const gallerySkeleton = <SkeletonBlock height={460} />;
