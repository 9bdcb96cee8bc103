export { analyzeManifolds } from './analyzeManifolds.ts';
export { anchorGeometry } from './anchors.ts';
