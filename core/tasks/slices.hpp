#pragma once

#include <cstdint>
#include <vector>

namespace imcsim::tasks {

/// Representation of a number in [−1, 1] by S devices whose reads are weighted with bˢ and added
/// digitally. b = 1: each device holds the number (the result is their mean). b ≥ 2: the devices
/// hold its digits in base b, with b − 1 mapped to the whole range of a device:
///
///     w ≈ Σ_s f_s·p_s(w),  f_s = bˢ/Σ bˢ,  p_s = ±digit_s/(b − 1)
///
/// Source: Le Gallo et al. 2022, doi:10.1088/2634-4386/ac4fb7.
class Slices {
 public:
  /// Throws InputError if b^S exceeds 2⁴⁰.
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
