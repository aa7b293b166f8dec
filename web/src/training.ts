// The worker of the live training, shared by the scenes Training and Retention.
import type { FromWorker, ToWorker } from './protocol';

type Listener = (message: FromWorker) => void;

const listeners: Listener[] = [];
const failureListeners: ((message: string) => void)[] = [];
const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });

let started: FromWorker | undefined;

worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
  if (data.type === 'started') started = data;
  for (const listener of listeners) listener(data);
};
worker.onerror = (event) => {
  for (const failed of failureListeners) failed(event.message);
};

export function post(message: ToWorker, transfer: Transferable[] = []): void {
  worker.postMessage(message, transfer);
}

/** Registers a listener, which first receives the description of the current training. */
export function subscribe(listener: Listener, failed: (message: string) => void = () => undefined): void {
  listeners.push(listener);
  failureListeners.push(failed);
  if (started) listener(started);
}
