#pragma once

#include <cstdint>
#include <vector>

namespace imcsim::tasks {

/// A number in [−1, 1] spread over S devices whose reads are weighted with bˢ and added digitally.
/// b = 1: each holds the number itself (their mean counts). b ≥ 2: they hold its digits in base b,
/// the whole range of a device standing for b − 1:
///
///     w ≈ Σ_s f_s·p_s(w),  f_s = bˢ/Σ bˢ,  p_s = ±digit_s/(b − 1)
///
/// Source: Le Gallo et al. 2022, doi:10.1088/2634-4386/ac4fb7.
class Slices {
 public:
  /// Throws InputError where b^S exceeds 2⁴⁰.
  Slices(std::int64_t count, std::int64_t base);

  std::size_t count() const { return significances_.size(); }
  double significance(std::size_t s) const { return significances_[s]; }  ///< f_s
  double part(std::size_t s, double w) const;                             ///< p_s(w)

 private:
  std::uint64_t base_;
  std::uint64_t levels_ = 0;           ///< b^S − 1
  std::vector<std::uint64_t> powers_;  ///< bˢ
  std::vector<double> significances_;
};

}  // namespace imcsim::tasks
