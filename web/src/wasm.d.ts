// The module that Emscripten builds from bindings.cpp.
declare module 'imcsim-wasm/imcsim_web.js' {
  export interface Simulator {
    version(): string;
    describe(settings: string): string;
    load(
      name: string,
      trainImages: Uint8Array,
      trainLabels: Uint8Array,
      testImages: Uint8Array,
      testLabels: Uint8Array,
    ): string;
    open(settings: string): string;
    close(session: number): void;
    advance(session: number, samples: number): string;
    probe(session: number, images: number): string;
    epochs(session: number): string;
    result(session: number): string;
    run(settings: string): string;
    values(session: number, layer: number, quantity: string): Float32Array;
    loadPair(name: string, images: Uint8Array, labels: Uint8Array): string;
    fit(name: string, csv: string, preset: string): string;
    device(session: number, layer: number, row: number, column: number): string;
    intervene(
      session: number,
      layer: number,
      crosspoints: number[],
      polarity: string,
      deviceNumber: number,
      intervention: string,
    ): string;
    follow(
      session: number,
      pixels: Uint8Array,
      read: number,
      layer: number,
      column: number,
    ): unknown;
    testImage(session: number, index: number): unknown;
    ageOpen(session: number, settings: string): string;
    ageClose(aged: number): void;
    age(aged: number, timeS: number, observation: number, compensation: string): string;
    ageValues(aged: number, layer: number, polarity: string): Float32Array;
  }
  export interface Commands {
    version(): string;
    addFile(name: string, bytes: Uint8Array): void;
    removeFile(name: string): void;
    load(
      name: string,
      trainImages: Uint8Array,
      trainLabels: Uint8Array,
      testImages: Uint8Array,
      testLabels: Uint8Array,
    ): string;
    run(command: string, settings: string): string;
    describe(command: string, settings: string): string;
    array(name: string): Uint8Array | Uint32Array | Float32Array | Float64Array | null;
  }
  export interface Module {
    Commands: new () => Commands;
    Simulator: new () => Simulator;
  }
}

declare module 'imcsim-wasm/imcsim_web.js?url' {
  const url: string;
  export default url;
}

declare module 'imcsim-wasm/imcsim_web.wasm?url' {
  const url: string;
  export default url;
}
