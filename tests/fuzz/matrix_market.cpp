#include "tasks/matrix_market.hpp"

#include <cmath>

#include "fuzz.hpp"

namespace imcsim::fuzz {

void run(Bytes bytes) {
  const tasks::MarketMatrix matrix = tasks::read_matrix_market(bytes, "x.mtx");
  require(matrix.values.size() == matrix.rows * matrix.columns, "a full matrix");
  for (const double value : matrix.values) require(std::isfinite(value), "finite numbers");
}

}  // namespace imcsim::fuzz
