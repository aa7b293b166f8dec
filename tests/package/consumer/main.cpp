// A program that uses the library: prints the digest of a product on phase-change memory.
#include <iostream>

#include "study/study.hpp"

int main() {
  using namespace imcsim;
  const study::Settings settings = study::parse_settings(
      "rows = 64\ncols = 64\nsamples = 10\ndevice = \"pcm\"\n", "consumer", "file consumer");
  study::MvmConfig config =
      study::resolve_config<study::MvmConfig>(settings, [](const auto&, auto&) {
        return false;
      }).config;
  const study::MvmTask task = study::make_mvm_task(config, nullptr, nullptr);
  const study::MvmStudy result = study::run_mvm(config, task, {});
  std::cout << study::digest_text(result.digest) << "\n";
  return 0;
}
