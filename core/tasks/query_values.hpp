// Values of a query against the cells of a column.
#pragma once

#include "tasks/record_table.hpp"

namespace imcsim::tasks {

/// A number of a query between the codes of a column: the greatest code that is not above it.
struct CodeBound {
  bool below = false;   ///< it is less than all codes
  bool beyond = false;  ///< it is at or above the greatest code
  bool exact = false;   ///< it is a code
  std::uint64_t code = 0;
};
/// `value` must be a decimal number (see check_query).
CodeBound code_bound(const RecordColumn& column, const std::string& value);

}  // namespace imcsim::tasks
