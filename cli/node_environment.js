// Hands the environment of Node to the tool: Emscripten gives programs an empty one.
Module.preRun = () => Object.assign(ENV, process.env);
