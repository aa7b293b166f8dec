// Dependency rules: the folders that each folder may include, and the headers that may be included.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

namespace imcsim {
BOOST_AUTO_TEST_SUITE(structure)

namespace {

namespace fs = std::filesystem;

using Folders = std::set<std::string>;

const Folders whole_core = {"base",    "numeric",    "dataset", "device", "crossbar",
                            "network", "training",   "tasks",   "fabric", "compiler",
                            "study",   "instrument", "cost"};

/// Folders that each folder may include, in addition to base and itself.
const std::map<std::string, Folders> may_include = {
    {"base", {}},
    {"numeric", {}},
    {"cost", {}},
    {"dataset", {"numeric"}},
    {"device", {"numeric"}},
    {"crossbar", {"device", "numeric"}},
    {"instrument", {"device", "crossbar", "numeric"}},
    {"network", {"crossbar", "numeric"}},
    {"training", {"network", "crossbar", "dataset", "numeric"}},
    {"tasks", {"crossbar", "dataset", "numeric"}},
    {"fabric", {"crossbar", "numeric"}},
    {"compiler", {"network", "fabric", "crossbar", "numeric"}},
    {"study", whole_core},
    {"cli", whole_core},
    {"web", whole_core},
};

/// Headers that other folders may include in addition to the public header of a folder: kernels and
/// small headers need them without the rest of the folder.
const std::set<std::string> light_headers = {
    "numeric/events.hpp",          "numeric/float_math.hpp",
    "numeric/philox.hpp",          "numeric/isa.hpp",
    "numeric/numeric_kernels.hpp", "numeric/simd.hpp",
    "numeric/tensor.hpp",          "study/version.hpp"};

std::string text_of_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

const fs::path& source_dir() {
  static const fs::path path = IMCSIM_SOURCE_DIR;
  return path;
}

/// C++ files below a folder of the source tree, without installed npm packages.
std::vector<fs::path> cpp_files(const fs::path& folder) {
  std::vector<fs::path> files;
  if (!fs::exists(source_dir() / folder)) return files;
  fs::recursive_directory_iterator end;
  for (fs::recursive_directory_iterator it(source_dir() / folder); it != end; ++it) {
    if (it->is_directory() && it->path().filename() == "node_modules") {
      it.disable_recursion_pending();
      continue;
    }
    const std::string extension = it->path().extension().string();
    if (extension == ".cpp" || extension == ".hpp" || extension == ".h") {
      files.push_back(fs::relative(it->path(), source_dir()));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Folder of a file in the table: `core/device/pcm.cpp` is in `device`.
std::string folder_of(const fs::path& file) {
  auto part = file.begin();
  if (*part == "core") ++part;
  return part->string();
}

/// Names between quotes (or angle brackets) of the include lines.
std::vector<std::string> includes_of(const std::string& text, char open, char close) {
  std::vector<std::string> names;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t hash = line.find_first_not_of(" \t");
    if (hash == std::string::npos || line[hash] != '#') continue;
    const std::size_t word = line.find("include", hash);
    if (word == std::string::npos) continue;
    const std::size_t from = line.find(open, word);
    const std::size_t to = from == std::string::npos ? from : line.find(close, from + 1);
    if (to != std::string::npos) names.push_back(line.substr(from + 1, to - from - 1));
  }
  return names;
}

/// True for a header that only includes others: it lists the public headers of a folder.
bool is_umbrella(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line[0] != '#' && !line.starts_with("//")) return false;
  }
  return true;
}

/// Public headers of a folder: FOLDER.hpp and the headers of the folder that it includes.
struct Published {
  std::set<std::string> headers;
  std::string umbrella;  ///< public header without declarations, or empty
};
const Published& published_by(const std::string& folder) {
  static std::map<std::string, Published> known;
  const auto [entry, is_new] = known.emplace(folder, Published{});
  if (!is_new) return entry->second;
  const std::string name = folder + "/" + folder + ".hpp";
  const std::string text = text_of_file(source_dir() / "core" / name);
  for (const std::string& header : includes_of(text, '"', '"')) {
    if (header.starts_with(folder + "/")) entry->second.headers.insert(header);
  }
  entry->second.headers.insert(name);
  if (is_umbrella(text)) entry->second.umbrella = name;
  return entry->second;
}

/// Error in the inclusion of `name` by `file`, or empty.
std::string complaint(const fs::path& file, const std::string& name) {
  const std::string here = folder_of(file);
  const std::size_t slash = name.find('/');
  const std::string there = slash == std::string::npos ? here : name.substr(0, slash);
  if (there == here && name != published_by(there).umbrella) return {};
  if (may_include.count(there) == 0) return "which is no folder of ours";
  const auto rule = may_include.find(here);
  if (rule == may_include.end()) return "from a folder that is not in the table";
  if (there != "base" && rule->second.count(there) == 0) return "against the table";
  // All headers of base are public.
  const Published& published = published_by(there);
  if (name == published.umbrella) return "an umbrella header (name the headers that are needed)";
  const bool is_public = there == "base" || published.headers.count(name) > 0;
  if (!is_public && light_headers.count(name) == 0) return "a private header of its neighbour";
  return {};
}

/// Qualified names of types defined in a named namespace: definitions at the start of a line.
std::vector<std::string> types_of(const std::string& text) {
  std::vector<std::string> types;
  std::vector<std::string> spaces;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word, name;
    words >> word >> name;
    if (line.starts_with("namespace")) spaces.push_back(name == "{" ? "" : name);
    if (line.starts_with("}  // namespace") && !spaces.empty()) spaces.pop_back();
    if (line.starts_with("enum class")) words >> name;
    const bool is_type = line.starts_with("struct ") || line.starts_with("class ") ||
                         line.starts_with("enum class ");
    const bool is_named = std::find(spaces.begin(), spaces.end(), "") == spaces.end();
    if (!is_type || !is_named || (line.back() == ';' && line.find('{') == std::string::npos) ||
        name.find("::") != std::string::npos)
      continue;
    std::string whole;
    for (const std::string& space : spaces) whole += space + "::";
    types.push_back(whole + name);
  }
  return types;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_rule_detects_violations) {
  BOOST_TEST(complaint("core/device/pcm.cpp", "numeric/float_math.hpp").empty());
  BOOST_TEST(complaint("core/device/pcm.cpp", "device/pcm.hpp").empty());
  BOOST_TEST(complaint("core/crossbar/crossbar.cpp", "device/device.hpp").empty());
  BOOST_TEST(!complaint("core/crossbar/crossbar.cpp", "device/pcm.hpp").empty());
  BOOST_TEST(complaint("cli/train.cpp", "study/train_session.hpp").empty());
  BOOST_TEST(!complaint("cli/train.cpp", "study/study.hpp").empty());
  BOOST_TEST(!complaint("core/study/mvm.cpp", "base/base.hpp").empty());
  BOOST_TEST(!complaint("core/device/pcm.cpp", "crossbar/crossbar.hpp").empty());
  BOOST_TEST(!complaint("core/base/error.cpp", "numeric/numeric.hpp").empty());
  BOOST_TEST(!complaint("cli/train.cpp", "web/bindings.hpp").empty());
  BOOST_TEST(!complaint("web/bindings.cpp", "cli/command.hpp").empty());
  BOOST_TEST(!complaint("core/attic/x.cpp", "numeric/numeric.hpp").empty());
  BOOST_TEST((includes_of("#include <a>\n  # include \"b/c.hpp\"\n", '"', '"') ==
              std::vector<std::string>{"b/c.hpp"}));
}

BOOST_AUTO_TEST_CASE(every_include_is_allowed_by_the_table) {
  std::size_t seen = 0;
  for (const char* root : {"core", "cli", "web"}) {
    for (const fs::path& file : cpp_files(root)) {
      for (const std::string& name : includes_of(text_of_file(source_dir() / file), '"', '"')) {
        ++seen;
        const std::string wrong = complaint(file, name);
        BOOST_TEST(wrong.empty(), file.string() << " includes \"" << name << "\" " << wrong);
      }
    }
  }
  BOOST_TEST(seen > 50U);
}

BOOST_AUTO_TEST_CASE(the_core_uses_no_files_clocks_environment_or_standard_random_numbers) {
  const std::set<std::string> forbidden_headers = {"iostream", "fstream",  "filesystem", "cstdio",
                                                   "stdio.h",  "chrono",   "random",     "ctime",
                                                   "time.h",   "unistd.h", "fcntl.h"};
  for (const fs::path& file : cpp_files("core")) {
    const std::string text = text_of_file(source_dir() / file);
    for (const std::string& name : includes_of(text, '<', '>')) {
      BOOST_TEST(forbidden_headers.count(name) == 0U, file.string()
                                                          << " includes <" << name << ">");
    }
    for (const char* word : {"getenv", "std::rand", "mt19937", "random_device"}) {
      BOOST_TEST(text.find(word) == std::string::npos, file.string() << " mentions " << word);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_two_types_share_a_name) {
  BOOST_TEST((types_of("namespace a::b {\nstruct C {\n};\nclass D;\nnamespace {\nclass E {\n};\n"
                       "}  // namespace\nenum class F : int { g };\n}  // namespace a::b\n") ==
              std::vector<std::string>{"a::b::C", "a::b::F"}));
  std::map<std::string, std::string> seen;
  for (const fs::path& file : cpp_files("core")) {
    for (const std::string& type : types_of(text_of_file(source_dir() / file))) {
      const auto [first, is_new] = seen.emplace(type, file.string());
      BOOST_TEST(is_new, type << " is defined in " << file.string() << " and " << first->second);
    }
  }
  BOOST_TEST(seen.size() > 300U);
}

BOOST_AUTO_TEST_CASE(no_build_file_uses_fast_math) {
  const std::string flag = std::string("-ffast") + "-math";
  std::size_t seen = 0;
  for (const char* folder : {"", "core", "cli", "web", "tests"}) {
    const fs::path file = source_dir() / folder / "CMakeLists.txt";
    if (!fs::exists(file)) continue;
    ++seen;
    BOOST_TEST(text_of_file(file).find(flag) == std::string::npos, file.string());
  }
  BOOST_TEST(seen >= 2U);
  BOOST_TEST(text_of_file(source_dir() / "CMakeLists.txt").find("-ffp-contract=off") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
