#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "numeric/random.hpp"

namespace imcsim::tasks {

/// Patches of equal size, [count × size], one per row.
struct Patches {
  std::size_t count = 0, size = 0;
  std::vector<double> values;
  std::span<const double> patch(std::size_t i) const { return {values.data() + i * size, size}; }
};

/// Atoms of unit length, [atoms × size], one per row: the columns of D.
struct Dictionary {
  std::size_t atoms = 0, size = 0;
  std::vector<double> values;
  std::span<const double> atom(std::size_t k) const { return {values.data() + k * size, size}; }
  std::span<double> atom(std::size_t k) { return {values.data() + k * size, size}; }
};

/// Parameters of the locally competitive algorithm.
struct Competition {
  double threshold = 0.1;  ///< λ
  double rate = 0.1;       ///< dt/τ
  std::size_t steps = 150;
};

/// Products D·a and Dᵀ·r, in memory or exact.
struct DictionaryProducts {
  std::function<void(std::span<const double>, std::span<double>)> forward, backward;
};

/// Sparse code a of x: u ← u + (dt/τ)·(Dᵀ(x − D·a) + a − u), a = soft_λ(u), from u = 0.
/// Source: Rozell et al. 2008, doi:10.1162/neco.2008.03-07-486; in memory: Sheridan et al. 2017,
/// doi:10.1038/nnano.2017.83.
std::vector<double> compete(const DictionaryProducts& products, std::span<const double> x,
                            std::size_t atoms, const Competition& rule);

/// The same in double arithmetic for many patches with one dictionary, using its Gram matrix DᵀD.
class ExactCoder {
 public:
  explicit ExactCoder(const Dictionary& dictionary);
  std::vector<double> code(std::span<const double> x, const Competition& rule) const;

 private:
  const Dictionary& dictionary_;
  std::vector<double> gram_;
};

/// x̂ = D·a
std::vector<double> reconstruct(const Dictionary& dictionary, std::span<const double> code);

/// Scales each row of `values` to length 1; zero rows are unchanged.
void normalize_rows(std::vector<double>& values, std::size_t size);

/// Learns a dictionary from randomly chosen patches by stochastic gradient descent on ‖x − D·a‖²,
/// alternating with coding: D ← D + η·(x − D·a)·aᵀ, with atoms normalized to length 1.
/// Source: Olshausen and Field 1996, doi:10.1038/381607a0.
Dictionary learn_dictionary(const Patches& patches, std::size_t atoms, const Competition& rule,
                            std::size_t epochs, double rate, const Stream& draws);

}  // namespace imcsim::tasks
