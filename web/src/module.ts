// The core as a WebAssembly module. Its JavaScript glue is a separate file shared by all workers.
import type { Module } from 'imcsim-wasm/imcsim_web.js';
import glueUrl from 'imcsim-wasm/imcsim_web.js?url';
import wasmUrl from 'imcsim-wasm/imcsim_web.wasm?url';

type Create = (options: { wasmBinary: ArrayBuffer }) => Promise<Module>;

export async function loadModule(): Promise<Module> {
  const glue = import(/* @vite-ignore */ glueUrl) as Promise<{ default: Create }>;
  const response = await fetch(wasmUrl);
  if (!response.ok) throw new Error(`${wasmUrl}: ${response.status} ${response.statusText}`);
  const { default: create } = await glue;
  return create({ wasmBinary: await response.arrayBuffer() });
}
