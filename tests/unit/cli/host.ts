import { runCommandLine } from '../../../src/cli/commandLine.ts';
import type { Host } from '../../../src/cli/frame/command.ts';
import { serveThread } from '../../../src/cli/serveThread.ts';
import type { StartThread } from '../../../src/cli/threads/threadTypes.ts';

/** A thread's own code behind a channel, in the test's own thread. */
const startThread: StartThread = (kind) => {
  const { port1, port2 } = new MessageChannel();
  serveThread(kind, port2);
  return {
    endpoint: port1,
    onDeath: () => undefined,
    terminate() {
      port1.close();
      port2.close();
    },
  };
};

/** One call of the tool, with everything that it wrote. */
export async function call(
  args: readonly string[],
  { isTerminal = false, signal = new AbortController().signal, onLine }: CallOptions = {},
) {
  let stdout = '';
  let stderr = '';
  const host: Host = {
    version: '1.2.3',
    stdout(text) {
      stdout += text;
    },
    stderr(text) {
      stderr += text;
      onLine?.(text);
    },
    isTerminal,
    signal,
    cores: 2,
    startThread,
  };
  const code = await runCommandLine(args, host);
  return { code, stdout, stderr };
}

interface CallOptions extends Partial<Pick<Host, 'isTerminal' | 'signal'>> {
  /** Called with everything written to standard error. */
  onLine?(text: string): void;
}
