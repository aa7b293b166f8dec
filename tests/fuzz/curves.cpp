// Measured curves of a device: reads the table, fits it, and loads the fitted preset. The first
// byte selects the model.
#include <cmath>

#include "device/device.hpp"
#include "fuzz.hpp"
#include "study/fit_study.hpp"
#include "study/mvm.hpp"

namespace imcsim::fuzz {

void run(Bytes bytes) {
  const std::size_t models = names_of(instrument::FitModel{}).size();
  const auto model = static_cast<instrument::FitModel>(take_number(bytes) % models);
  const std::string text(text_of(bytes));
  const instrument::Curve curve = instrument::read_curve(text, "x.csv");
  for (const instrument::Trace& trace : curve.traces) {
    require(trace.x.size() == trace.us.size(), "one conductance per point");
    for (const double g : trace.us) require(std::isfinite(g), "finite numbers");
  }
  if (curve.points > 200) return;
  study::FitConfig config;
  config.model = model;
  const study::CurveFile file{"x.csv", text};
  const study::FitStudy fit = study::run_fit_study(config, {&file, 1});
  study::preset_settings(fit.preset, "fitted");
}

}  // namespace imcsim::fuzz
