#include "train_output.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "npy.hpp"
#include "run_directory.hpp"

namespace imcsim::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows epoch_rows(const TrainReport& report) {
  study::EpochResult heading;
  Rows rows = {fields_of(heading).keys()};
  if (report.runs.size() > 1) rows[0].insert(rows[0].begin(), "seed");
  for (const study::RunSummary& run : report.runs) {
    for (study::EpochResult epoch : run.result.epochs) {
      std::vector<std::string> row;
      if (report.runs.size() > 1) row.push_back(fmt::format("{}", run.seed));
      const FieldList fields = fields_of(epoch);
      for (const Field& field : fields.all()) row.push_back(text_of(field));
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

std::string percent(double fraction) { return fmt::format("{:.2f} %", 100.0 * fraction); }

double pulses_per_image(const TrainReport& report) {
  const study::TrainResult mean = study::mean_result(report.runs);
  if (mean.epochs.empty()) return 0.0;
  const double images =
      static_cast<double>(report.runs.front().samples) / static_cast<double>(mean.epochs.size());
  return static_cast<double>(mean.epochs.back().set_pulses) / images;
}

}  // namespace

std::string report_json(const TrainReport& report) {
  study::Json execution = execution_json(report.execution);
  execution.update({{"data-dir", report.data_folder},
                    {"out", report.host.out},
                    {"save", report.host.save},
                    {"checkpoint", report.host.checkpoint},
                    {"resume", report.host.resume}});
  return host_json(study::train_json(report.resolved.config, report.runs), execution,
                   report.execution, report.timing);
}

std::string report_csv(const TrainReport& report) { return csv_of(epoch_rows(report)); }

std::string report_text(const TrainReport& report, const Style& style) {
  const study::TrainResult mean = study::mean_result(report.runs);
  Rows rows = {{"epoch", "train loss", "test accuracy", "SET pulses", "RESET pulses",
                "pairs refreshed", "ADC saturated"}};
  XySeries accuracy{"test accuracy", {}, {}, false, false, true};
  for (const study::EpochResult& epoch : mean.epochs) {
    rows.push_back({fmt::format("{}", epoch.epoch), fmt::format("{:.5f}", epoch.train_loss),
                    percent(epoch.test_accuracy), grouped(epoch.set_pulses),
                    grouped(epoch.reset_pulses), grouped(epoch.refreshed_pairs),
                    percent(epoch.saturated_fraction)});
    accuracy.x.push_back(static_cast<double>(epoch.epoch));
    accuracy.y.push_back(epoch.test_accuracy);
  }
  std::string text;
  if (!mean.epochs.empty()) {
    text += aligned_table(rows, style) + "\n";
    const std::string plot = xy_plot(accuracy, "epoch", style);
    if (!plot.empty()) text += plot + "\n";
  }
  const study::Json json = study::train_json(report.resolved.config, report.runs);
  std::string spread;
  if (report.runs.size() > 1) {
    const double deviation = json["result"]["std"]["test_accuracy"];
    spread = fmt::format(" ± {:.2f} % over {} seeds", 100.0 * deviation, report.runs.size());
  }
  std::uint64_t samples = 0;
  for (const study::RunSummary& run : report.runs) samples += run.samples;
  text += fmt::format("{}  {}{}\n", style.bold("test accuracy"),
                      style.good(percent(mean.test_accuracy)), spread);
  if (pulses_per_image(report) > 0.0) {
    text += fmt::format("{}  {:.2f} SET pulses per image in the last epoch\n",
                        style.bold("pulses       "), pulses_per_image(report));
  }
  const std::string cost = study::cost_words(json["cost"], "image");
  if (!cost.empty()) text += fmt::format("{}  {}\n", style.bold("energy       "), cost);
  text += fmt::format("{}  {}\n", style.bold("digest       "), json["digest"].get<std::string>());
  if (report.timing.wall_s > 0.0 && samples > 0) {
    text += fmt::format(
        "{}  {:.1f} s, {} samples/s\n", style.bold("time         "), report.timing.wall_s,
        grouped(static_cast<std::uint64_t>(static_cast<double>(samples) / report.timing.wall_s)));
  }
  return text;
}

void write_run_directory(const TrainReport& report, study::TrainSession* session) {
  RunDirectory directory(report.host.out, report.host.force);
  study::TrainConfig config = report.resolved.config;
  directory.write("result.json", report_json(report));
  directory.write("config.toml", study::to_toml(fields_of(config), report.resolved.origins));
  directory.write("epochs.csv", report_csv(report));
  if (session == nullptr) {
    Rows rows = {{"seed", "test_accuracy", "train_loss", "digest"}};
    for (const study::RunSummary& run : report.runs) {
      rows.push_back({fmt::format("{}", run.seed), fmt::format("{}", run.result.test_accuracy),
                      fmt::format("{}", run.result.train_loss), study::digest_text(run.digest)});
    }
    directory.write("runs.csv", csv_of(rows));
  } else {
    for (const StateArray& array : session->arrays()) {
      if (!array.digested && array.name.find(".pulses") == std::string::npos) continue;
      directory.write(array.name + ".npy", npy_of(array.view));
    }
  }
  directory.finish();
}

}  // namespace imcsim::cli
