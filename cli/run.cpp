#include "run.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>

#include "base/error.hpp"
#include "captured_output.hpp"
#include "files.hpp"
#include "run_directory.hpp"

namespace imcsim::cli {
namespace {

double wall_seconds() {
  const std::chrono::duration<double> now = std::chrono::steady_clock::now().time_since_epoch();
  return now.count();
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

Stopwatch::Stopwatch() : wall_start_s_(wall_seconds()), cpu_start_s_(cpu_seconds()) {}

Timing Stopwatch::elapsed() const {
  return {wall_seconds() - wall_start_s_, cpu_seconds() - cpu_start_s_};
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

bool read_named_file(const std::string& name, std::string& text) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(name, error)) return false;
  text = read_text(name, name);
  return true;
}

bool read_preset_file(const std::string& name, std::string& toml) {
  if (!read_named_file(name, toml)) return false;
  remember_preset(study::preset_settings(toml, name));
  return true;
}

bool show_help(const ParsedArguments& arguments, const HelpText& help, const FieldList& fields) {
  if (!arguments.asks_for_help()) return false;
  const std::string summary =
      help.summary.empty() ? command_named(arguments.command, "help").summary : help.summary;
  if (arguments.help.as_json) {
    const study::Json json = {{"usage", help.usage},
                              {"summary", summary},
                              {"description", help.description},
                              {"examples", help.examples},
                              {"fields", study::describe_json(fields)}};
    write_stdout(json.dump(2) + "\n");
    return true;
  }
  const auto width = static_cast<std::size_t>(std::max(40, terminal_width(STDOUT_FILENO)));
  write_stdout(help_page(help, summary, fields, arguments.help, width, style_for(STDOUT_FILENO)));
  return true;
}

bool show_config(const HostOptions& host, const FieldList& fields, const study::Origins& origins) {
  if (!host.print_config) return false;
  if (host.view.json || host.view.csv) {
    throw InputError(at_field("print-config"), "cannot be combined with --json or --csv",
                     "one of the three");
  }
  write_stdout(study::to_toml(fields, origins));
  return true;
}

void check_view(const ViewOptions& view) {
  if (view.json && view.csv) {
    throw InputError(at_field("json"), "cannot share stdout with --csv", "one of the two");
  }
}

void check_outputs(const HostOptions& host, std::string_view key, const std::string& file) {
  check_view(host.view);
  if (!host.out.empty()) RunDirectory(host.out, host.force);  // created and removed, as a test
  if (file == "-" && (host.view.json || host.view.csv)) {
    throw InputError(at_field(key), "cannot share stdout with --json or --csv", "a file");
  }
  require_writable(file, at_field(key));
}

study::Json execution_json(const Execution& execution) {
  return {{"threads", execution.threads},
          {"isa", names_of(execution.isa)[static_cast<std::size_t>(execution.isa)]}};
}

std::string host_json(const study::Json& json, const study::Json& execution_info,
                      const Execution& execution, const Timing& timing) {
  study::Json ordered;
  for (const auto& [key, value] : json.items()) {
    ordered[key] = value;
    if (key == "config") ordered["execution"] = execution_info;
  }
  ordered["timing"] = {
      {"wall_s", timing.wall_s}, {"cpu_s", timing.cpu_s}, {"threads", execution.threads}};
  return ordered.dump(2) + "\n";
}

void finish(const HostOptions& host, const std::string& json, const std::string& csv,
            const std::function<std::string(const Style&)>& text, const NamedFiles& files) {
  const auto print = [&] {
    if (host.view.json) return write_stdout(json);
    if (host.view.csv) return write_stdout(csv);
    write_stdout(text(style_for(STDOUT_FILENO, host.view.color)));
  };
  if (!host.out.empty()) {
    try {
      RunDirectory directory(host.out, host.force);
      directory.write("result.json", json);
      for (const auto& [name, content] : files) directory.write(name, content);
      directory.finish();
    } catch (const RunError&) {
      print();  // a full disk must not lose the result
      throw;
    }
  }
  print();
}

std::vector<std::vector<std::string>> text_rows(const study::Table& table, bool for_display) {
  std::vector<std::vector<std::string>> rows = {table.columns};
  for (const std::vector<double>& row : table.rows) {
    std::vector<std::string> cells;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const bool is_time = table.columns[c] == "t_s";
      cells.push_back(!for_display ? fmt::format("{}", row[c])
                      : is_time    ? format_duration({row[c]})
                                   : fmt::format("{:.4g}", row[c]));
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

}  // namespace imcsim::cli
