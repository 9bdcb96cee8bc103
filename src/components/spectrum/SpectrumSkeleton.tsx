import { SkeletonBlock } from '../shared/Skeleton.tsx';

export const spectrumSkeleton = <SkeletonBlock height={560} />;
