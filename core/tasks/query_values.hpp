// Comparison of values of a query with the cells of a column.
#pragma once

#include "tasks/record_table.hpp"

namespace imcsim::tasks {

/// Position of a number among the codes of a column. `code`: the largest code not above it.
struct CodeBound {
  bool below = false;   ///< the number is less than all codes
  bool beyond = false;  ///< the number is at or above the largest code
  bool exact = false;   ///< the number equals a code
  std::uint64_t code = 0;
};
/// `value` must be a decimal number (see check_query).
CodeBound code_bound(const RecordColumn& column, const std::string& value);

}  // namespace imcsim::tasks
