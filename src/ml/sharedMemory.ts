/**
 * Whether threads can share memory: in Node and its worker threads, and on cross-origin isolated pages and in their workers.
 * Node has no `crossOriginIsolated`; a page that is not isolated may have the constructor, but cannot send what it makes.
 */
export function canShareMemory(): boolean {
  return typeof SharedArrayBuffer === 'function' && globalThis.crossOriginIsolated !== false;
}
