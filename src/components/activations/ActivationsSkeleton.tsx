import { SkeletonBlock } from '../shared/Skeleton.tsx';

export const activationsSkeleton = <SkeletonBlock height={980} />;
