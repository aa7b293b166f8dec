#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  imcsim::fuzz::read_or_refuse([&] { imcsim::fuzz::run({data, size}); });
  return 0;
}
