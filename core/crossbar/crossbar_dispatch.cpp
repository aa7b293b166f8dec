#include "crossbar/crossbar_kernels.hpp"
#include "numeric/numeric_kernels.hpp"

namespace imcsim {

namespace baseline {
extern const crossbar::Kernels crossbar_kernels;
}
#if defined(__x86_64__)
namespace avx2 {
extern const crossbar::Kernels crossbar_kernels;
}
namespace avx512 {
extern const crossbar::Kernels crossbar_kernels;
}
#else
namespace avx2 = baseline;
namespace avx512 = baseline;
#endif

const crossbar::Kernels& crossbar::kernels(Isa isa) {
  return pick(isa, baseline::crossbar_kernels, avx2::crossbar_kernels, avx512::crossbar_kernels);
}

}  // namespace imcsim
