// Parser of queries: `(Size=Large OR Size=Medium) AND NOT Speed>=100`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace imcsim::tasks {

enum class QueryKind { conjunction, disjunction, negation, predicate };
enum class Comparison { equal, unequal, less, less_equal, greater, greater_equal, in };

struct Query {
  QueryKind kind = QueryKind::predicate;
  std::vector<Query> parts;  ///< AND, OR: two or more; NOT: one

  std::string column;
  Comparison comparison = Comparison::equal;
  std::vector<std::string> values;  ///< one; IN: one or more
};

/// Grammar; NOT binds before AND, AND before OR:
///
///     query     = conjunction { OR conjunction }
///     conjunction = term { AND term }
///     term      = NOT term | "(" query ")" | column comparison value
///               | column IN "(" value { "," value } ")"
///
/// AND, OR, NOT are in capitals. Column names and values may contain spaces, and must be quoted if
/// they contain a sign or a capital keyword. Comparisons: = == != <> < <= > >=. Throws
/// InputError{where, …} with the position of the error.
Query parse_query(std::string_view text, const Where& where);

}  // namespace imcsim::tasks
