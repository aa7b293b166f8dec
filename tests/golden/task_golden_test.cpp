// Tasks whose results are known bit by bit, with every instruction set of this machine and with 1
// and 3 threads, natively and in WebAssembly: one constant for all. Who changes a constant says in
// the commit what changed.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "study/compile_study.hpp"
#include "study/safetensors.hpp"
#include "study/task_study.hpp"
#include "support.hpp"

namespace imcsim {
namespace {

bool no_files(const std::string&, std::string&) { return false; }

struct Golden {
  const char* command;
  const char* word;
  study::Settings settings;
  std::vector<std::string> files;  ///< contents, under the key "operands"
  const char* digest;
};

study::Setting set(const char* key, const char* text) { return {key, text, key, "flag"}; }

std::string digest_of(const Golden& golden, const Execution& execution) {
  study::Settings settings = golden.settings;
  if (!golden.files.empty()) settings.push_back(set("operands", "a,b"));
  study::ResolvedTask resolved =
      study::resolve_task(tasks::find_task(golden.command, golden.word), settings, no_files);
  std::vector<tasks::Input> inputs;
  for (const std::string& file : golden.files) {
    inputs.push_back({"operands",
                      "file",
                      {reinterpret_cast<const std::uint8_t*>(file.data()), file.size()},
                      {}});
  }
  for (std::size_t i = 0; i < resolved.config.inputs.size(); ++i) {
    const tasks::InputSpec& spec = resolved.config.inputs[i];
    if (spec.kind != tasks::InputKind::text || resolved.config.given[i].empty()) continue;
    std::string rest = resolved.config.given[i];
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      inputs.push_back({spec.key, std::string(spec.key), {}, rest.substr(0, comma)});
      rest = comma < rest.size() ? rest.substr(comma + 1) : "";
    }
  }
  Observer observer;
  return study::digest_text(study::run_task(resolved.config, inputs, execution, observer).digest);
}

void check(const Golden& golden) {
  for (const Isa isa : testing::supported_isas()) {
    for (const int threads : {1, 3}) {
      const std::string found = digest_of(golden, {isa, threads});
      BOOST_TEST(found == golden.digest, golden.word << ", isa "
                                                     << names_of(isa)[static_cast<std::size_t>(isa)]
                                                     << ", threads " << threads << ": " << found
                                                     << " instead of " << golden.digest);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(golden_tasks)

BOOST_AUTO_TEST_CASE(tasks_on_devices) {
  const Golden all[] = {
      {"task", "solve", {set("size", "60")}, {}, "2b7ea784757f7924"},
      {"task", "correlate", {set("synthetic", "300,30,0.02,0.2,800")}, {}, "dbcdc94263083484"},
      {"task", "recover", {set("synthetic", "128,64,6")}, {}, "89692e51c82b73db"},
      {"task", "sparse-code", {}, {}, "3e43708716ad798d"},
      {"arith", "multiply", {set("pairs", "500")}, {}, "2635551bba9e8d11"},
      {"arith", "accumulate", {set("operands", "123,456")}, {}, "b1a8953b871574ed"},
      {"arith", "factor", {set("number", "60")}, {}, "a32a50154865c9d6"},
      {"arith", "random", {set("bits", "512")}, {}, "94ce57acb3aff01e"},
      {"logic", "xor", {}, {"imcsim computes", "in the memory, "}, "c88879f9087d8e71"},
      {"logic",
       "add",
       {set("bits", "16"), set("a", "12345,6"), set("b", "54321,7")},
       {},
       "892fb3299e937575"},
  };
  for (const Golden& golden : all) {
    BOOST_TEST_CONTEXT(golden.command << " " << golden.word) { check(golden); }
  }
}

BOOST_AUTO_TEST_CASE(programs) {
  const std::pair<const char*, const char*> all[] = {{"resnet-20", "a362d0d3612cba34"},
                                                     {"resnet-50", "020bf9c074cdf5c4"}};
  for (const auto& [model, digest] : all) {
    const study::Settings settings = {set("model", model), set("fabric", "mesh:512")};
    const study::CompileStudyConfig config = study::resolve_compile(settings, no_files).config;
    Observer observer;
    const study::CompiledStudy compiled = study::run_compile(config, {}, no_files, observer);
    const std::string found =
        study::digest_text(study::digest_of_program(study::program_json(config, compiled)));
    BOOST_TEST(found == digest, model << ": " << found << " instead of " << digest);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
