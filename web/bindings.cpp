// JavaScript bindings of class Simulator.
#include <emscripten/bind.h>

#include "simulator.hpp"
#include "study/version.hpp"

EMSCRIPTEN_BINDINGS(imcsim) {
  using imcsim::web::Simulator;
  emscripten::class_<Simulator>("Simulator")
      .constructor()
      .function("version", &Simulator::version)
      .function("describe", &Simulator::describe)
      .function("load", &Simulator::load)
      .function("loadPair", &Simulator::load_pair)
      .function("fit", &Simulator::fit)
      .function("open", &Simulator::open)
      .function("close", &Simulator::close)
      .function("advance", &Simulator::advance)
      .function("probe", &Simulator::probe)
      .function("epochs", &Simulator::epochs)
      .function("result", &Simulator::result)
      .function("run", &Simulator::run)
      .function("values", &Simulator::values)
      .function("device", &Simulator::device)
      .function("intervene", &Simulator::intervene)
      .function("follow", &Simulator::follow)
      .function("testImage", &Simulator::test_image)
      .function("ageOpen", &Simulator::age_open)
      .function("ageClose", &Simulator::age_close)
      .function("age", &Simulator::age)
      .function("ageValues", &Simulator::age_values);
}
