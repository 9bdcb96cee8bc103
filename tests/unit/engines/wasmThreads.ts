import { fileURLToPath } from 'node:url';
import { type Transferable as NodeTransferable, Worker } from 'node:worker_threads';
import { build } from 'vite';
import type { MemberCalls, RemoteMember } from '../../../src/ml/engines/wasm/member.ts';
import { connect } from '../../../src/workers/rpc.ts';

/** Bundles the member for Node's threads, which cannot read TypeScript. @returns a function that starts a thread. */
export async function bundleMember(): Promise<() => RemoteMember> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: {
      write: false,
      ssr: fileURLToPath(new URL('./wasmThread.ts', import.meta.url)),
      rolldownOptions: { output: { format: 'cjs' } },
    },
  });
  if (!Array.isArray(result) && 'output' in result) {
    const { code } = result.output[0];
    return () => spawnThread(code);
  }
  throw new Error('bundleMember: expected one bundle');
}

function spawnThread(code: string): RemoteMember {
  const thread = new Worker(code, { eval: true });
  const client = connect<MemberCalls, never>({
    postMessage: (message, options) =>
      thread.postMessage(message, (options?.transfer ?? []) as NodeTransferable[]),
    addEventListener: (type, listener) => {
      thread.on(type, (data) => listener(new MessageEvent('message', { data })));
    },
    removeEventListener() {},
  });
  thread.on('error', (error: Error) => client.close(error));
  return {
    call: (name, parameters, transfer) => client.call(name, parameters, { transfer }),
    terminate() {
      void thread.terminate();
    },
  };
}
