// The time-critical loops, at the shape of the first layer of 784-250-10 with 150 of 785 lines
// driven, for each instruction set. Items are multiply-adds, or random numbers.
#include <benchmark/benchmark.h>

#include <string>

#include "crossbar/crossbar.hpp"
#include "support.hpp"

namespace imcsim {
namespace {

constexpr std::size_t rows = 785;
constexpr std::size_t stride = 256;
constexpr std::size_t driven = 150;

struct Bench {
  crossbar::DrivenLines x{rows};
  Matrix<float> w = testing::random_matrix(rows, stride, 1.0F, 1);
  Matrix<std::uint32_t> v{{rows, crossbar::variance_pairs(stride)},
                          crossbar::pack_variances(0.01F, 0.01F)};
  AlignedVector<float> y = AlignedVector<float>(stride, 0.0F);
  AlignedVector<float> s = AlignedVector<float>(stride, 0.0F);
  AlignedVector<float> g = AlignedVector<float>(stride, 1e-6F);
  AlignedVector<std::uint32_t> overflow = AlignedVector<std::uint32_t>(rows, 0U);

  Bench() {
    std::vector<float> dense(rows, 0.0F);
    for (std::size_t l = 0; l < driven; ++l) dense[l * 5 + 7] = 0.001F;
    x.gather(dense);
  }
};

void finish(benchmark::State& state, std::size_t items) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
}

void multiply(benchmark::State& state, Isa isa) {
  Bench b;
  const crossbar::Kernels& kernels = crossbar::kernels(isa);
  for (auto _ : state) {
    kernels.multiply(b.x.line.data(), b.x.value.data(), b.x.count, b.w.data(), stride, b.y.data());
    benchmark::DoNotOptimize(b.y.data());
  }
  finish(state, driven * stride);
}

void multiply_noisy(benchmark::State& state, Isa isa) {
  Bench b;
  const crossbar::Kernels& kernels = crossbar::kernels(isa);
  for (auto _ : state) {
    kernels.multiply_noisy(b.x.line.data(), b.x.value.data(), b.x.count, b.w.data(), stride,
                           b.v.data(), stride / 2, b.y.data(), b.s.data());
    benchmark::DoNotOptimize(b.y.data());
  }
  finish(state, 2 * driven * stride);
}

void accumulate_outer(benchmark::State& state, Isa isa) {
  Bench b;
  const crossbar::Kernels& kernels = crossbar::kernels(isa);
  for (auto _ : state) {
    kernels.accumulate_outer(b.x.line.data(), b.x.value.data(), b.x.count, b.w.data(), stride,
                             b.g.data(), b.overflow.data());
    benchmark::DoNotOptimize(b.w.data());
  }
  finish(state, driven * stride);
}

void normals(benchmark::State& state, Isa isa) {
  Bench b;
  const Stream stream(1, Purpose::training_read);
  const numeric::Kernels& kernels = numeric::kernels(isa);
  std::uint64_t event = 0;
  for (auto _ : state) {
    kernels.normals(stream.name(event++), stride, b.y.data());
    benchmark::DoNotOptimize(b.y.data());
  }
  finish(state, stride);
}

void list_all() {
  for (const Isa isa : testing::supported_isas()) {
    const std::string suffix = "/" + std::string(names_of(isa)[static_cast<std::size_t>(isa)]);
    const auto add = [&](const std::string& name, void (*body)(benchmark::State&, Isa)) {
      benchmark::RegisterBenchmark((name + suffix).c_str(), body, isa);
    };
    add("multiply", multiply);
    add("multiply_noisy", multiply_noisy);
    add("accumulate_outer", accumulate_outer);
    add("normals", normals);
  }
}

}  // namespace
}  // namespace imcsim

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  imcsim::list_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
