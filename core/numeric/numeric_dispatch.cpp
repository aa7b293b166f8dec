#include "numeric/numeric_kernels.hpp"

namespace imcsim {

namespace baseline {
extern const numeric::Kernels numeric_kernels;
}
#if defined(__x86_64__)
namespace avx2 {
extern const numeric::Kernels numeric_kernels;
}
namespace avx512 {
extern const numeric::Kernels numeric_kernels;
}
#else
namespace avx2 = baseline;
namespace avx512 = baseline;
#endif

const numeric::Kernels& numeric::kernels(Isa isa) {
  return pick(isa, baseline::numeric_kernels, avx2::numeric_kernels, avx512::numeric_kernels);
}

}  // namespace imcsim
