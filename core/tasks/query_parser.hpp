// What a query asks: `(Size=Large OR Size=Medium) AND NOT Speed>=100`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace imcsim::tasks {

enum class QueryKind { conjunction, disjunction, negation, predicate };
enum class Comparison { equal, unequal, less, less_equal, greater, greater_equal, in };

struct Query {
  QueryKind kind = QueryKind::predicate;
  std::vector<Query> parts;  ///< of AND and OR two or more, of NOT one

  std::string column;
  Comparison comparison = Comparison::equal;
  std::vector<std::string> values;  ///< one; of IN one or more
};

/// Grammar, NOT before AND before OR:
///
///     query     = conjunction { OR conjunction }
///     conjunction = term { AND term }
///     term      = NOT term | "(" query ")" | column comparison value
///               | column IN "(" value { "," value } ")"
///
/// AND, OR, NOT stand in capitals; column names and values may hold spaces, and stand in quotes
/// where they hold a sign or a capital keyword. Comparisons: = == != <> < <= > >=.
/// Throws InputError{where, …} that says at which letter.
Query parse_query(std::string_view text, const Where& where);

}  // namespace imcsim::tasks
