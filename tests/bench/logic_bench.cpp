// Bitwise logic on whole files compared with the same operation in memory: 64 MiB XOR 64 MiB on one
// thread, with verified cells and random bit errors. Prints both rates and their ratio.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "tasks/bulk_logic.hpp"

namespace imcsim {
namespace {

constexpr std::size_t size = std::size_t{64} << 20U;
constexpr int repetitions = 5;

template <class Body>
double best_seconds(Body body) {
  double best = 1e9;
  for (int i = 0; i < repetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    body();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    best = std::min(best, taken.count());
  }
  return best;
}

std::vector<std::uint8_t> filled(std::uint64_t state) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; i += 8) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    std::memcpy(bytes.data() + i, &state, 8);
  }
  return bytes;
}

int run() {
  const std::vector<std::uint8_t> a = filled(1);
  const std::vector<std::uint8_t> b = filled(2);
  std::vector<std::uint8_t> plain(size);
  const double plain_s = best_seconds([&] {
    for (std::size_t i = 0; i < size; i += 8) {
      std::uint64_t x = 0;
      std::uint64_t y = 0;
      std::memcpy(&x, a.data() + i, 8);
      std::memcpy(&y, b.data() + i, 8);
      x ^= y;
      std::memcpy(plain.data() + i, &x, 8);
    }
  });
  tasks::LogicCells::Sampled sampled;
  sampled.cells = {20.0, 1.0, 0.1, 0.05, 0.5};
  tasks::BulkResult result;
  const double logic_s = best_seconds([&] {
    result = tasks::logic_at_rates(tasks::LogicOperation::exclusive, {a, b}, sampled, 1, {});
  });
  std::uint64_t wrong = 0;
  for (std::size_t i = 0; i < size; ++i) wrong += result.output[i] != plain[i] ? 1 : 0;
  const double megabytes = static_cast<double>(size) / 1e6;
  fmt::print("plain XOR {:.0f} MB/s, logic xor {:.0f} MB/s, ratio {:.2f}, wrong bytes {}\n",
             megabytes / plain_s, megabytes / logic_s, logic_s / plain_s, wrong);
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace imcsim

int main() { return imcsim::run(); }
