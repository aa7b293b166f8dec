#include "numeric/random.hpp"

#include "numeric/float_math.hpp"

namespace imcsim {
namespace {

/// Finalizer of SplitMix64 (Steele, Lea and Flood, doi:10.1145/2660193.2660195).
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

}  // namespace

Stream::Stream(std::uint64_t seed, Purpose purpose, std::uint32_t entity) : entity_(entity) {
  const std::uint64_t key =
      mix(mix(seed) + 0x9E3779B97F4A7C15U * static_cast<std::uint64_t>(purpose));
  key_[0] = static_cast<std::uint32_t>(key);
  key_[1] = static_cast<std::uint32_t>(key >> 32);
}

Stream Stream::of(std::uint32_t entity) const {
  Stream other = *this;
  other.entity_ = entity;
  return other;
}

numeric::PhiloxName Stream::name(std::uint64_t event) const {
  return {{key_[0], key_[1]},
          {static_cast<std::uint32_t>(event), static_cast<std::uint32_t>(event >> 32), entity_}};
}

std::uint32_t Stream::word(std::uint64_t event, std::uint32_t index) const {
  std::uint32_t block[4][1];
  numeric::philox(name(event), index / 4, block);
  return block[index % 4][0];
}

float Stream::uniform(std::uint64_t event, std::uint32_t index) const {
  return static_cast<float>(word(event, index) >> 8) * 0x1p-24F;
}

float Stream::normal(std::uint64_t event) const {
  std::uint32_t block[4][1];
  numeric::philox(name(event), 0, block);
  float first = 0.0F;
  float second = 0.0F;
  numeric::box_muller(block[0][0], block[1][0], first, second);
  return first;
}

}  // namespace imcsim
