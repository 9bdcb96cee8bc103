/**
 * Yields so that received messages are handled. A nested timer would wait at least 4 ms; a message to the own port does
 * not.
 */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
