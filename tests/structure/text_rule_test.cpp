// The rules for texts that users see: the form of help texts, and phrases that must not come back.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "compiler/model_shapes.hpp"
#include "study/ablation.hpp"
#include "study/compile_study.hpp"
#include "study/device_study.hpp"
#include "study/execute_study.hpp"
#include "study/fit_study.hpp"
#include "study/task_study.hpp"
#include "study/topology_study.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(texts)

namespace {

namespace fs = std::filesystem;

/// Characters of UTF-8.
std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

/// A capital letter, or a word that is not English: a symbol, a number, a name such as `1/f`.
bool has_good_start(std::string_view text) {
  const std::string_view word = text.substr(0, text.find(' '));
  const bool is_symbol = word.size() == 1 || word.find_first_of("0123456789/:") != word.npos;
  return !text.empty() && (is_symbol || !(text[0] >= 'a' && text[0] <= 'z'));
}

/// The error in a help text, or empty.
std::string fault_of(std::string_view text) {
  if (text.empty()) return "is empty";
  if (!has_good_start(text)) return "does not start with a capital";
  if (text.back() == '.' && !text.ends_with("...")) return "ends with a full stop";
  if (length_of(text) > 100) return "is longer than 100 characters";
  if (text.find("  ") != text.npos || text.find('\n') != text.npos) return "has stray blanks";
  return {};
}

void check_text(std::string_view name, std::string_view text) {
  const std::string fault = fault_of(text);
  BOOST_TEST(fault.empty(), name << ": \"" << text << "\" " << fault);
}

std::size_t check_fields(std::string_view command, const FieldList& fields) {
  for (const Field& field : fields.all()) {
    check_text(std::string(command) + " " + std::string(field.text.key), field.text.help);
  }
  return fields.all().size();
}

template <class Described>
std::size_t check_described(std::string_view command) {
  Described object;
  return check_fields(command, fields_of(object));
}

// ---- phrases ------------------------------------------------------------------------------------

/// Phrases in earlier texts, in lower case: riddles, metaphors, pronouns without a noun,
/// personified programs.
constexpr std::string_view old_phrases[] = {
    "walks through",
    "so many runs",
    "the first so many",
    "pulses leave",
    "how the weights learn",
    "deviation of it between",
    "prices of what",
    "asked again after",
    "such a program, tick",
    "what links cores",
    "each non-ideality costs",
    "says why it thinks",
    "conduct how much",
    "a click: looks",
    "what the sense amplifiers see",
    "what becomes of them",
    "whoever works on it",
    "without a flaw",
    "the network above nothing",
    "pixel bears",
    "stands still",
    "is none that can be",
    "does not know what to do with",
    "wants the name of",
    "is no base",
    "nothing was kept",
    "what was learnt",
    "so many pulses",
    "nothing known is near",
    "computes what every machine computes",
    "what it takes away",
    "those of the devices last",
    "sends a set pulse",
    "cores can follow it",
    "first events",
    "largest terms",
    "of it for ",
    "whole chips",
    "graded pulses up",
    "in the closed list",
    "numbers have names",
    "is charged the",
    "is the published order",
    "stands for one weight",
    "values recalled",
    "has fresh noise",
    "has no code except",
    "has no level except",
    "exclude each other",
    "no such pulses",
    "left by a pulse",
    "that leaves half",
    "a, b, least, most",
    "both ends together",
    "states its own",
    "one more exact product",
    "brings its diagonal",
    "one or one per channel",
    "the highest of the device",
    "do not fill rows",
    "local runs here",
    "what is already explained",
    "the cell a little",
    "cost iterations, not digits",
    "is not one read",
    "none does not",
    "where variants run",
    "so alone each",
    "with all candidates at once",
    "nobody should trust",
    "programs that lie",
    "learn nothing",
    "of somebody else",
    "as a stranger",
    "with nothing behind it",
    "what stands behind",
    "made up at random",
    "takes one variant with it",
    "again and again",
    "decide nothing",
    "what was asked",
    "of one's own",
    "written anew",
    "for people",
    "stay what they are",
    "goes the whole way",
    "are counted by hand",
    "is found out",
    "learn better",
    "half written",
    "staircase",
    "gives up",
    "looks in vain",
    "until it says",
    "says what it did",
    "its part away",
    "not at hand",
    "goes straight",
    "stands against",
};

std::string in_small_letters(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

/// Replaces blanks and line ends by one blank, so that phrases across lines are found.
std::string in_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  return line;
}

std::string phrase_in(const std::string& text) {
  const std::string line = in_small_letters(in_one_line(text));
  for (const std::string_view phrase : old_phrases) {
    if (line.find(phrase) != std::string::npos) return std::string(phrase);
  }
  return {};
}

/// String literals of C++ or TypeScript, without comments and code; adjacent literals are joined.
std::vector<std::string> literals_of(const std::string& text) {
  std::vector<std::string> literals;
  bool joins = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '/' && i + 1 < text.size() && text[i + 1] == '/') {
      i = std::min(text.find('\n', i), text.size());
    } else if (c == '"' || c == '`' || c == '\'') {
      std::string literal;
      for (++i; i < text.size() && text[i] != c && (c == '`' || text[i] != '\n'); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
          ++i;
          literal += text[i] == 'n' ? '\n' : text[i];
        } else {
          literal += text[i];
        }
      }
      if (joins) {
        literals.back() += literal;
      } else {
        literals.push_back(literal);
      }
      joins = true;
    } else if (c != ' ' && c != '\n' && c != '+') {
      joins = false;
    }
  }
  return literals;
}

const fs::path& source_dir() {
  static const fs::path path = IMCSIM_SOURCE_DIR;
  return path;
}

std::string text_of_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Files below a folder with one of these endings, without installed npm packages.
std::vector<fs::path> files_in(const fs::path& folder, const std::vector<std::string>& endings) {
  std::vector<fs::path> files;
  if (!fs::exists(source_dir() / folder)) return files;
  const fs::recursive_directory_iterator end;
  for (fs::recursive_directory_iterator it(source_dir() / folder); it != end; ++it) {
    if (it->is_directory() && it->path().filename() == "node_modules") {
      it.disable_recursion_pending();
      continue;
    }
    const std::string ending = it->path().extension().string();
    if (std::find(endings.begin(), endings.end(), ending) != endings.end()) {
      files.push_back(it->path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_rules_detect_violations) {
  BOOST_TEST(fault_of("Number of training epochs").empty());
  BOOST_TEST(fault_of("1/f noise: held between observations").empty());
  BOOST_TEST(fault_of("a in the step argument z").empty());
  BOOST_TEST(fault_of("First operands, decimal or 0x...").empty());
  BOOST_TEST(!fault_of("").empty());
  BOOST_TEST(!fault_of("walks through the training set").empty());
  BOOST_TEST(!fault_of("Number of training epochs.").empty());
  BOOST_TEST(!fault_of(std::string(101, 'A')).empty());
  BOOST_TEST(fault_of("Range " + std::string("µ") + std::string(93, 'A')).empty());
  BOOST_TEST(phrase_in("The batch Walks\n  through the set") == "walks through");
  BOOST_TEST(phrase_in("A batch is used") == "");
  const std::vector<std::string> literals = literals_of(
      "f(\"walks \"  // \"so many runs\"\n  \"through\\n\", \"b\"); char c = '\\''; g(`x`)");
  BOOST_TEST((literals == std::vector<std::string>{"walks through\n", "b", "'", "x"}));
}

BOOST_AUTO_TEST_CASE(help_of_every_field_is_a_short_phrase_with_a_capital) {
  std::size_t seen = check_described<study::TrainConfig>("train");
  seen += check_described<study::InferConfig>("infer");
  seen += check_described<study::OnnxInferConfig>("infer of an ONNX file");
  seen += check_described<study::AblatedMvmConfig>("ablate mvm");
  seen += check_described<study::DeviceStudyConfig>("device");
  seen += check_described<study::FitConfig>("fit");
  seen += check_described<study::MvmConfig>("mvm");
  seen += check_described<study::TopologyStudyConfig>("topology");
  seen += check_described<study::CompileStudyConfig>("compile");
  seen += check_described<study::ExecuteConfig>("execute");
  seen += check_described<cost::CostConfig>("cost");
  seen += check_described<OperationCounts>("counts");
  for (const tasks::TaskEntry& entry : tasks::task_entries()) {
    study::TaskConfig config(entry);
    seen += check_fields(study::task_name(entry), fields_of(config));
  }
  BOOST_TEST(seen > 1000U);
}

BOOST_AUTO_TEST_CASE(summaries_are_short_phrases_with_a_capital) {
  for (const tasks::TaskEntry& entry : tasks::task_entries()) {
    check_text(study::task_name(entry), entry.summary);
    BOOST_TEST(std::count(entry.examples.begin(), entry.examples.end(), '\n') >= 2,
               study::task_name(entry) << " has two examples");
  }
  for (const fabric::TopologyKind& kind : fabric::topology_kinds()) {
    check_text(kind.name, kind.summary);
  }
  for (const compiler::ModelShape& shape : compiler::model_shapes()) {
    check_text(shape.name, shape.summary);
  }
  for (const study::NonIdeality& entry : study::non_idealities()) {
    check_text(entry.name, entry.meaning);
  }
}

BOOST_AUTO_TEST_CASE(old_phrases_do_not_come_back) {
  std::size_t seen = 0;
  for (const char* folder : {"core", "cli", "web/src"}) {
    for (const fs::path& file : files_in(folder, {".cpp", ".hpp", ".ts"})) {
      ++seen;
      for (const std::string& literal : literals_of(text_of_file(file))) {
        const std::string phrase = phrase_in(literal);
        BOOST_TEST(phrase.empty(), file.string()
                                       << ": \"" << phrase << "\" in \"" << literal << "\"");
      }
    }
  }
  for (const fs::path& file : files_in("tests", {".cpp", ".mjs"})) {
    // This file lists the phrases.
    if (file.filename() == "text_rule_test.cpp") continue;
    std::istringstream lines(text_of_file(file));
    for (std::string line; std::getline(lines, line);) {
      const bool is_name = line.starts_with("test(") || line.find("BOOST_AUTO_TEST_CASE(") == 0;
      std::replace(line.begin(), line.end(), '_', ' ');
      BOOST_TEST((!is_name || phrase_in(line).empty()), file.string() << ": " << line);
    }
  }
  std::vector<fs::path> documents = files_in("data", {".md", ".toml"});
  documents.push_back(source_dir() / "README.md");
  for (const fs::path& file : documents) {
    const std::string phrase = phrase_in(text_of_file(file));
    BOOST_TEST(phrase.empty(), file.string() << ": \"" << phrase << "\"");
  }
  BOOST_TEST(seen > 300U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
