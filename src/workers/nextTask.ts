/**
 * Yields so that received messages are handled. A nested timer would wait at least 4 ms; a message to the context's
 * own port does not. WebKit, however, sends that message through the page's main thread, which can be busy for
 * longer, so the earlier of the two counts.
 */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const goOn = () => {
      clearTimeout(timer);
      port1.close();
      resolve();
    };
    const timer = setTimeout(goOn);
    port1.onmessage = goOn;
    port2.postMessage(undefined);
  });
}
