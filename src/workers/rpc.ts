import { CallError } from '../ml/callError.ts';
import { createTurns } from './turns.ts';

/**
 * Typed calls over any message channel: a Worker, a MessagePort or a pair of ports in a test. A call map gives every call's
 * parameters, result and progress, so that calls and answers are typed without casts.
 */
export type CallMap = Record<string, { parameters: unknown; result: unknown; progress: unknown }>;

/** One entry of a call map. */
export interface Call<Given, Result = void, Progress = never> {
  parameters: Given;
  result: Result;
  progress: Progress;
}

/** The three methods that Worker, MessagePort and a worker's own global scope share. */
export interface Endpoint {
  postMessage(message: unknown, options?: { transfer?: Transferable[] }): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  removeEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
}

export interface CallContext<Progress> {
  signal: AbortSignal;
  progress(progress: Progress, transfer?: Transferable[]): void;
  /** Lets messages be handled; then rests where the page wants the processor for training. Call between slices of work. */
  turn(): Promise<void>;
}

/** A result whose buffers are transferred instead of copied. */
export class Transferred<Result> {
  constructor(
    readonly result: Result,
    readonly transfer: Transferable[],
  ) {}
}

export type Handlers<Calls extends CallMap> = {
  [Kind in keyof Calls]: (
    parameters: Calls[Kind]['parameters'],
    context: CallContext<Calls[Kind]['progress']>,
  ) => Promise<Calls[Kind]['result'] | Transferred<Calls[Kind]['result']>>;
};

export interface CallOptions<Progress> {
  signal?: AbortSignal;
  onProgress?(progress: Progress): void;
  transfer?: Transferable[];
}

export interface Client<Calls extends CallMap, Event> {
  call<Kind extends keyof Calls & string>(
    kind: Kind,
    parameters: Calls[Kind]['parameters'],
    options?: CallOptions<Calls[Kind]['progress']>,
  ): Promise<Calls[Kind]['result']>;
  onEvent(listener: (event: Event) => void): () => void;
  /** Sets the share of the time, above 0 and up to 1, in which the worker works on calls that take turns. */
  setShare(share: number): void;
  /** Rejects all pending calls, for instance because the worker died. */
  close(reason: Error): void;
}

interface WireError {
  name: string;
  caller?: string;
  message: string;
  stack?: string;
}

/** Stored on the endpoint, so that a worker script that is evaluated twice finds the first server. */
const SERVED = Symbol.for('untangle: served');

/**
 * Answers calls on an endpoint. An exception in a handler, or a reply that cannot be cloned, is returned as an error.
 * @throws if the endpoint is already served, because each call would get two answers.
 */
export function serve<Calls extends CallMap, Event>(
  endpoint: Endpoint,
  handlers: Handlers<Calls>,
): { emit(event: Event, transfer?: Transferable[]): void } {
  const calls = Object.keys(handlers).join(', ');
  const served = Reflect.get(endpoint, SERVED);
  if (served !== undefined) {
    throw new CallError(
      'serve',
      `expected an endpoint that is not served yet, found one that already answers ${String(served)}. Call serve once per worker, and do not import the worker's entry module.`,
    );
  }
  Reflect.defineProperty(endpoint, SERVED, { value: calls });
  const underway = new Map<number, AbortController>();
  let share = 1;
  endpoint.addEventListener('message', (message) => {
    const { type, id, kind, parameters } = message.data;
    if (type === 'cancel') underway.get(id)?.abort(new DOMException('The call was canceled.', 'AbortError'));
    if (type === 'call') void answer(id, kind, parameters);
    if (type === 'share') share = message.data.share;
  });

  async function answer<Kind extends keyof Calls & string>(
    id: number,
    kind: Kind,
    parameters: Calls[Kind]['parameters'],
  ): Promise<void> {
    const controller = new AbortController();
    underway.set(id, controller);
    try {
      const handler = handlers[kind];
      if (!handler) throw new CallError('serve', `expected a call among ${calls}, found "${kind}"`);
      const reply = await handler(parameters, {
        signal: controller.signal,
        progress: (progress, transfer) =>
          endpoint.postMessage({ type: 'progress', id, progress }, { transfer }),
        turn: createTurns(() => share, controller.signal),
      });
      if (reply instanceof Transferred) {
        endpoint.postMessage({ type: 'result', id, result: reply.result }, { transfer: reply.transfer });
      } else {
        endpoint.postMessage({ type: 'result', id, result: reply });
      }
    } catch (error) {
      endpoint.postMessage({ type: 'error', id, error: toWire(error) });
    } finally {
      underway.delete(id);
    }
  }

  return {
    emit: (event, transfer) => endpoint.postMessage({ type: 'event', event }, { transfer }),
  };
}

/** Resolves with the single message of a port. */
export function received<Message>(port: MessagePort): Promise<Message> {
  return new Promise((resolve) => {
    port.onmessage = ({ data }: MessageEvent<Message>) => {
      port.close();
      resolve(data);
    };
  });
}

/** The calling side of `serve`. */
export function connect<Calls extends CallMap, Event>(endpoint: Endpoint): Client<Calls, Event> {
  const pending = new Map<number, { receive(message: MessageEvent): void; fail(error: Error): void }>();
  const listeners = new Set<(event: Event) => void>();
  let lastId = 0;
  let closed: Error | undefined;
  endpoint.addEventListener('message', (message) => {
    if (message.data.type === 'event') {
      for (const listener of listeners) listener(message.data.event);
    } else {
      pending.get(message.data.id)?.receive(message);
    }
  });

  return {
    call(kind, parameters, { signal, onProgress, transfer } = {}) {
      if (closed) return Promise.reject(closed);
      if (signal?.aborted) return Promise.reject(signal.reason);
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        const cancel = () => endpoint.postMessage({ type: 'cancel', id });
        const settle = () => {
          pending.delete(id);
          signal?.removeEventListener('abort', cancel);
        };
        signal?.addEventListener('abort', cancel);
        pending.set(id, {
          receive({ data }) {
            if (data.type === 'progress') {
              onProgress?.(data.progress);
              return;
            }
            settle();
            if (data.type === 'result') resolve(data.result);
            else reject(fromWire(data.error));
          },
          fail(error) {
            settle();
            reject(error);
          },
        });
        endpoint.postMessage({ type: 'call', id, kind, parameters }, { transfer });
      });
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setShare: (share) => endpoint.postMessage({ type: 'share', share }),
    close(reason) {
      closed = reason;
      for (const { fail } of [...pending.values()]) fail(reason);
    },
  };
}

function toWire(error: unknown): WireError {
  if (error instanceof Error) {
    const { name, message, stack } = error;
    return { name, message, stack, ...(error instanceof CallError && { caller: error.caller }) };
  }
  return { name: 'Error', message: String(error) };
}

function fromWire({ name, caller, message, stack }: WireError): Error {
  if (name === 'AbortError') return new DOMException(message, name);
  const error = caller === undefined ? new Error(message) : new CallError(caller, message);
  error.name = name;
  if (stack) error.stack = stack;
  return error;
}
