// Copies the environment variables of Node; Emscripten starts programs with an empty environment.
Module.preRun = () => Object.assign(ENV, process.env);
