// imcsim compare: differences between finished runs.
#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>

#include "arguments.hpp"
#include "base/error.hpp"
#include "command.hpp"
#include "files.hpp"
#include "help.hpp"
#include "run.hpp"
#include "study/comparison.hpp"
#include "study/json.hpp"
#include "study/settings.hpp"
#include "study/task_study.hpp"

namespace imcsim::cli {
namespace {

const HelpText compare_help = {
    "imcsim compare RUN RUN… [OPTIONS]",
    "Compares runs of any command: differing configuration values, and differing results with the "
    "standard error of the difference. RUN is a folder written with --out, or the output of --json "
    "in a file.",
    "  imcsim mvm --out pcm; imcsim mvm --adc-bits 6 --out 6bit; imcsim compare pcm 6bit\n"
    "  imcsim mvm --json >a.json; imcsim mvm --t 1d --json >b.json; imcsim compare a.json "
    "b.json\n"};

constexpr std::size_t compared_runs = 64;

using Rows = std::vector<std::vector<std::string>>;

study::FinishedRun read_run(const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path path = name;
  if (fs::is_directory(path, error)) {
    path /= "result.json";
    if (!fs::is_regular_file(path, error)) {
      throw InputError(name, "is not a run directory", "a folder written with --out");
    }
  }
  const std::string text = read_text(path.string(), name);
  study::Json json = study::Json::parse(text, nullptr, false);
  if (json.is_discarded()) {
    throw InputError(name, "is not JSON", "a run directory, or the output of --json");
  }
  return {name, std::move(json)};
}

/// Counts in full, other numbers to five digits.
std::string number_text(double value) {
  const bool is_count = value == std::trunc(value) && std::fabs(value) < 1e15;
  return is_count ? fmt::format("{:.0f}", value) : fmt::format("{:.5g}", value);
}

std::string figure_text(double value, const std::optional<double>& std) {
  return std ? fmt::format("{} ± {:.2g}", number_text(value), *std) : number_text(value);
}

std::string difference_text(const study::FigureDifference& d) {
  const bool is_count = d.difference == std::trunc(d.difference) && !d.error;
  if (is_count && std::fabs(d.difference) < 1e15) return fmt::format("{:+.0f}", d.difference);
  return d.error ? fmt::format("{:+.3g} ± {:.2g}", d.difference, *d.error)
                 : fmt::format("{:+.3g}", d.difference);
}

Rows config_rows(const study::Comparison& c) {
  Rows rows = {{"configuration"}};
  rows[0].insert(rows[0].end(), c.names.begin(), c.names.end());
  for (const study::ConfigDifference& row : c.config) {
    rows.push_back({row.key});
    for (const auto& value : row.values) rows.back().push_back(value.value_or("-"));
  }
  return rows;
}

/// The figures that differ; each run except the first is followed by its difference from the first.
Rows figure_rows(const study::Comparison& c) {
  Rows rows = {{"result", c.names.front()}};
  for (std::size_t r = 1; r < c.names.size(); ++r) {
    rows[0].insert(rows[0].end(), {c.names[r], "difference"});
  }
  for (const study::ComparedFigure& figure : c.figures) {
    if (figure.same) continue;
    rows.push_back({figure.name, figure_text(figure.values[0], figure.std[0])});
    for (std::size_t r = 1; r < c.names.size(); ++r) {
      rows.back().push_back(figure_text(figure.values[r], figure.std[r]));
      rows.back().push_back(difference_text(figure.differences[r - 1]));
    }
  }
  return rows;
}

std::string text_of(const study::Comparison& c, const Style& style) {
  const Rows config = config_rows(c);
  std::string text = config.size() > 1 ? aligned_table(config, style) + "\n"
                                       : "Configuration: no differences.\n"
                                         "\n";
  const Rows figures = figure_rows(c);
  if (figures.size() > 1) text += aligned_table(figures, style) + "\n";
  const std::size_t same = c.figures.size() + 1 - figures.size();
  text += fmt::format("{} of {} values are equal.\n", same, c.figures.size());
  text += fmt::format("{}  {}\n", style.bold("digest"),
                      c.same_digest ? "equal, " + c.digests.front() : "different");
  if (c.same_digest) return text;
  for (std::size_t r = 0; r < c.names.size(); ++r) {
    text += fmt::format("        {}  {}\n", c.digests[r], c.names[r]);
  }
  return text;
}

std::string csv_text(const study::Comparison& c) {
  Rows rows = {{"part", "key"}};
  for (const std::string& name : c.names) {
    rows[0].insert(rows[0].end(), {name, "std", "difference", "error"});
  }
  for (const study::ConfigDifference& row : c.config) {
    rows.push_back({"config", row.key});
    for (const auto& value : row.values) {
      rows.back().insert(rows.back().end(), {value.value_or(""), "", "", ""});
    }
  }
  const auto number = [](const std::optional<double>& value) {
    return value ? fmt::format("{}", *value) : std::string();
  };
  for (const study::ComparedFigure& figure : c.figures) {
    rows.push_back({"result", figure.name});
    for (std::size_t r = 0; r < c.names.size(); ++r) {
      std::optional<double> difference;
      std::optional<double> error;
      if (r > 0) {
        difference = figure.differences[r - 1].difference;
        error = figure.differences[r - 1].error;
      }
      rows.back().insert(rows.back().end(), {number(figure.values[r]), number(figure.std[r]),
                                             number(difference), number(error)});
    }
  }
  rows.push_back({"digest", c.same_digest ? "same" : "different"});
  for (const std::string& digest : c.digests) {
    rows.back().insert(rows.back().end(), {digest, "", "", ""});
  }
  return csv_of(rows);
}

}  // namespace

int run_compare(const std::vector<std::string>& words) {
  ViewOptions view;
  const FieldList fields = fields_of(view);
  const ParsedArguments arguments = parse_arguments("compare", fields, words, compared_runs);
  split_settings(arguments, fields, FieldList{});
  const Style style = style_for(STDOUT_FILENO, view.color);
  if (show_help(arguments, compare_help, fields)) return 0;
  check_view(view);
  std::vector<study::FinishedRun> runs;
  for (const std::string& name : arguments.positional) runs.push_back(read_run(name));
  const study::Comparison comparison = study::compare_runs(runs);
  if (view.json) {
    write_stdout(study::comparison_json(comparison).dump(2) + "\n");
  } else {
    write_stdout(view.csv ? csv_text(comparison) : text_of(comparison, style));
  }
  return 0;
}

}  // namespace imcsim::cli
