#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>

#include "base/error.hpp"
#include "support.hpp"
#include "tasks/separation.hpp"
#include "tasks/table_input.hpp"
#include "tasks/task_runs.hpp"

namespace imcsim::testing {
BOOST_AUTO_TEST_SUITE(graph_and_cluster_tasks)

namespace {

std::string example(const std::string& name) {
  std::ifstream file(std::string(IMCSIM_SOURCE_DIR) + "/data/examples/" + name);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

tasks::Answer run(const std::string& word, const std::string& key, const std::string& bytes,
                  std::uint64_t seed = 1) {
  return TaskRun{word, {}, {{key, bytes}}, seed}();
}

}  // namespace

BOOST_AUTO_TEST_CASE(airports_are_ranked_as_by_exact_arithmetic, *boost::unit_test::label("long")) {
  const std::string links = example("flights_airport.csv");
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const tasks::Answer answer = run("eigen", "links", links, seed);
    BOOST_TEST(number(answer.results, "nodes") == 305.0);
    BOOST_TEST(number(answer.results, "links") == 5366.0);
    BOOST_TEST(number(answer.results, "spearman") >= 0.97);
    BOOST_TEST(number(answer.results, "top_overlap") >= 18.0);
    BOOST_TEST(answer.counts.forward_mvm == 40U);
  }
}

BOOST_AUTO_TEST_CASE(a_graph_whose_ranks_are_known) {
  // Two nodes link to the third, which has no links: with d = 0.85, r₁ = r₂ = r and r₃ = r·(1 +
  // 0.85 + 0.85) by the symmetry of the dangling term.
  const tasks::Answer answer = run("eigen", "links", "from,to\na,c\nb,c\n");
  const auto& exact = std::get<std::vector<double>>(answer.arrays[1].values);
  BOOST_TEST(exact[1] / exact[0] == 2.7, boost::test_tools::tolerance(1e-8));  // order: a, c, b
  BOOST_TEST(exact[0] + exact[1] + exact[2] == 1.0, boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(flowers_are_grouped_as_by_exact_arithmetic, *boost::unit_test::label("long")) {
  const std::string table = example("iris.csv");
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const tasks::Answer answer = run("cluster", "table", table, seed);
    BOOST_TEST(number(answer.exact, "inertia") == 6.982, boost::test_tools::tolerance(1e-3));
    BOOST_TEST(number(answer.results, "inertia") <= 1.12 * number(answer.exact, "inertia"));
    BOOST_TEST(number(answer.results, "accuracy") >= 0.80);
  }
}

BOOST_AUTO_TEST_CASE(tables_and_graphs_with_holes_are_refused) {
  BOOST_CHECK_THROW(run("cluster", "table", "a,b\n1,2\n3,\n"), InputError);
  BOOST_CHECK_THROW(run("cluster", "table", "a,b\n1,2\n3\n4,5\n"), InputError);
  BOOST_CHECK_THROW(run("cluster", "table", "a,b\n1,2\n3,x\n"), InputError);
  BOOST_CHECK_THROW(run("cluster", "table", "a,b\n1,2\n3,4\n"),
                    InputError);  // three clusters of two points
  BOOST_CHECK_THROW(run("eigen", "links", "from,to\na\n"), InputError);
  BOOST_CHECK_THROW(run("eigen", "links", ""), InputError);
}

BOOST_AUTO_TEST_CASE(ranks_and_areas) {
  const std::vector<double> values = {3.0, 1.0, 3.0, 2.0};
  BOOST_TEST((tasks::ranks_of(values) == std::vector<double>{3.5, 1.0, 3.5, 2.0}));
  BOOST_TEST(tasks::area_under_curve(values, 1) == 5.0 / 6.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(tasks::area_of_separation(0.0) == 0.5, boost::test_tools::tolerance(1e-6));
  // Φ(1) at a separation of √2.
  BOOST_TEST(tasks::area_of_separation(1.41421356) == 0.841344746,
             boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::testing
