// Philox4x32-10: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011,
// doi:10.1145/2063384.2063405. The n-th block is computed without the blocks before it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace imcsim::numeric {

/// Sixteen consecutive blocks, word-major: word[w][b] is word w of block b.
struct PhiloxBlocks {
  std::uint32_t word[4][16];
};

/// Key and the three upper words of the counter; the lowest word is the position.
struct PhiloxName {
  std::uint32_t key[2];
  std::uint32_t counter[3];
};

/// Blocks `first` … `first + count − 1` of the sequence `name`.
template <std::uint32_t count>
static inline __attribute__((always_inline)) void philox(const PhiloxName& name,
                                                         std::uint32_t first,
                                                         std::uint32_t (&out)[4][count]) {
  std::uint32_t* __restrict word0 = out[0];
  std::uint32_t* __restrict word1 = out[1];
  std::uint32_t* __restrict word2 = out[2];
  std::uint32_t* __restrict word3 = out[3];
  std::uint32_t key0 = name.key[0];
  std::uint32_t key1 = name.key[1];
  const std::uint32_t counter0 = name.counter[0];
  const std::uint32_t counter1 = name.counter[1];
  const std::uint32_t counter2 = name.counter[2];
  for (std::uint32_t b = 0; b < count; ++b) {
    word0[b] = first + b;
    word1[b] = counter0;
    word2[b] = counter1;
    word3[b] = counter2;
  }
  for (int round = 0; round < 10; ++round) {
    for (std::uint32_t b = 0; b < count; ++b) {
      const std::uint64_t product0 = std::uint64_t{0xD2511F53U} * word0[b];
      const std::uint64_t product1 = std::uint64_t{0xCD9E8D57U} * word2[b];
      const std::uint32_t next0 = static_cast<std::uint32_t>(product1 >> 32) ^ word1[b] ^ key0;
      const std::uint32_t next2 = static_cast<std::uint32_t>(product0 >> 32) ^ word3[b] ^ key1;
      word0[b] = next0;
      word1[b] = static_cast<std::uint32_t>(product1);
      word2[b] = next2;
      word3[b] = static_cast<std::uint32_t>(product0);
    }
    key0 += 0x9E3779B9U;
    key1 += 0xBB67AE85U;
  }
}

}  // namespace imcsim::numeric
