const waiting = new Set<() => void>();

function callBack(): void {
  const callbacks = [...waiting];
  waiting.clear();
  for (const callback of callbacks) callback();
}

/**
 * Calls back when the page is laid out and painted, so that reading a style lays out nothing. All callers of a frame share one
 * task. Returns a function that cancels the call.
 */
export function afterFrame(callback: () => void): () => void {
  // Each call needs an entry of its own: two callers may give the same function.
  const call = () => callback();
  if (waiting.size === 0) requestAnimationFrame(() => setTimeout(callBack));
  waiting.add(call);
  return () => {
    waiting.delete(call);
  };
}
