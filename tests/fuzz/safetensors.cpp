#include "study/safetensors.hpp"

#include <array>

#include "fuzz.hpp"

namespace imcsim::fuzz {

void run(Bytes bytes) {
  const study::Safetensors file = study::read_safetensors(bytes, "x.st");
  unsigned sum = 0;
  for (const auto& [name, tensor] : file.tensors) sum += sum_of(tensor.data);
  keep(sum);
  std::array<float, 6> weights{};
  std::array<std::uint8_t, 4> pulses{};
  const std::array<StateArray, 2> arrays = {
      StateArray{"weight", {ElementType::f32, weights.data(), 2, 3, 3}, true},
      StateArray{"pulses", {ElementType::u8, pulses.data(), 1, 4, 4}, true}};
  study::load_arrays(file, arrays, "x.st");
  require(study::content_hash(file, arrays, 0) == study::content_hash(arrays, 0), "loaded whole");
}

}  // namespace imcsim::fuzz
