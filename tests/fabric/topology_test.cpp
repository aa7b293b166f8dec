// Properties of each topology against closed forms and an independent table.
#include "fabric/topology.hpp"
#include "base/error.hpp"
#include "fabric/properties.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>

namespace imcsim::fabric {
BOOST_AUTO_TEST_SUITE(topologies)

namespace {

Topology topology_of(const std::string& name, std::int64_t cores) {
  TopologyConfig config;
  config.cores = cores;
  return make_topology(name, config, {}, "test");
}

struct Row {
  const char* name;
  std::int64_t cores;
  std::size_t links, channels, degree_min, degree_max, diameter;
  double mean, mean_with_self;
  std::size_t bisection;
};

// Computed by a separate program from adjacency lists; means to four digits.
constexpr Row table[] = {
    {"ring", 16, 16, 32, 2, 2, 8, 4.2667, 4.0, 2},
    {"mesh", 16, 24, 48, 2, 4, 6, 2.6667, 2.5, 4},
    {"torus", 16, 32, 64, 4, 4, 4, 2.1333, 2.0, 8},
    {"hypercube", 16, 32, 64, 4, 4, 4, 2.1333, 2.0, 8},
    {"5pp-derived", 16, 65, 130, 5, 10, 3, 1.5833, 1.4844, 15},
    {"ring", 64, 64, 128, 2, 2, 32, 16.2540, 16.0, 2},
    {"mesh", 64, 112, 224, 2, 4, 14, 5.3333, 5.25, 8},
    {"torus", 64, 128, 256, 4, 4, 8, 4.0635, 4.0, 16},
    {"hypercube", 64, 192, 384, 6, 6, 6, 3.0476, 3.0, 32},
    {"cmesh", 64, 24, 48, 2, 4, 6, 2.6667, 2.5, 4},
    {"5pp-derived", 64, 305, 610, 5, 10, 13, 4.7460, 4.6719, 15},
    {"pathpower:5", 64, 305, 610, 5, 10, 13, 4.7460, 4.6719, 15},
    {"pathpower:4", 64, 246, 492, 4, 8, 16, 5.8016, 5.7109, 10},
    {"mesh-skip2", 64, 208, 416, 4, 8, 8, 3.1746, 3.1250, 24},
    {"mesh", 256, 480, 960, 2, 4, 30, 10.6667, 10.6250, 16},
    {"torus", 256, 512, 1024, 4, 4, 16, 8.0314, 8.0, 32},
    {"5pp-derived", 256, 1265, 2530, 5, 10, 51, 17.5365, 17.4680, 15},
    {"fully-connected", 16, 120, 240, 15, 15, 1, 1.0, 0.9375, 64},
    {"bus", 16, 1, 1, 1, 1, 1, 1.0, 0.9375, 1},
};

/// A Cartesian product of a ring or a complete graph of 5 with a path of 13, as text.
std::string prism(bool complete) {
  std::string text = "# faces of five\ncores 65\n";
  const auto link = [&](int a, int b) {
    text += std::to_string(a) + " " + std::to_string(b) + "\n";
  };
  for (int face = 0; face < 13; ++face) {
    for (int i = 0; i < 5; ++i) {
      link(5 * face + i, 5 * face + (i + 1) % 5);
      if (complete) link(5 * face + i, 5 * face + (i + 2) % 5);
      if (face < 12) link(5 * face + i, 5 * face + 5 + i);
    }
  }
  return text;
}

void check(const Topology& topology, const Row& row) {
  const TopologyProperties p = measure(topology);
  BOOST_TEST_CONTEXT(row.name << ", " << row.cores << " cores") {
    BOOST_TEST(p.links == row.links);
    BOOST_TEST(p.channels == row.channels);
    BOOST_TEST(p.degree_min == row.degree_min);
    BOOST_TEST(p.degree_max == row.degree_max);
    BOOST_TEST(p.diameter == row.diameter);
    BOOST_TEST(std::fabs(p.mean_distance - row.mean) < 0.5e-4);
    BOOST_TEST(std::fabs(p.mean_distance_with_self - row.mean_with_self) < 0.5e-4 + 1e-12);
    if (row.bisection > 0) BOOST_TEST(p.bisection == row.bisection);
  }
}

std::string problem_of(std::string_view text) {
  try {
    parse_topology(text, "links.txt");
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

BOOST_AUTO_TEST_CASE(figures_are_those_of_the_table) {
  for (const Row& row : table) check(topology_of(row.name, row.cores), row);
}

BOOST_AUTO_TEST_CASE(prisms_from_files_have_the_figures_of_the_table) {
  check(parse_topology(prism(true), "k5"), {"K5 x P13", 65, 190, 380, 5, 6, 13, 5.1875, 5.1077, 0});
  check(parse_topology(prism(false), "c5"),
        {"C5 x P13", 65, 125, 250, 3, 4, 14, 5.5938, 5.5077, 0});
}

BOOST_AUTO_TEST_CASE(every_kind_of_the_list_is_connected_and_drawn) {
  for (const TopologyKind& kind : topology_kinds()) {
    const std::string name(kind.name);
    for (const std::int64_t cores : {8, 16, 64}) {
      const Topology t = topology_of(name == "pathpower" ? "pathpower:3" : name, cores);
      BOOST_TEST(is_connected(t), name);
      BOOST_TEST(t.cores() == static_cast<std::size_t>(cores), name);
      BOOST_TEST(t.places.size() == t.routers, name);
      for (std::size_t a = 0; a < t.routers; ++a) {
        for (std::size_t b = 0; b < a; ++b) {
          const double far =
              std::hypot(t.places[a].x - t.places[b].x, t.places[a].y - t.places[b].y);
          BOOST_TEST(far > 0.05, name << ": " << a << " lies on " << b);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_tree_of_any_number_of_leaves_has_one_root) {
  for (const std::int64_t cores : {2, 3, 5, 13, 32}) {
    const Topology t = topology_of("tree", cores);
    BOOST_TEST(t.links() == t.routers - 1);
    BOOST_TEST(t.routers == 2 * t.cores() - 1);
    BOOST_TEST(is_connected(t));
  }
}

BOOST_AUTO_TEST_CASE(a_plane_is_as_square_as_possible) {
  BOOST_TEST((topology_of("mesh", 32).grid.sizes == std::vector<std::uint32_t>{8, 4}));
  BOOST_TEST((topology_of("mesh", 60).grid.sizes == std::vector<std::uint32_t>{10, 6}));
  TopologyConfig config;
  config.cores = 32;
  config.columns = 4;
  BOOST_TEST((make_mesh(config, "").grid.sizes == std::vector<std::uint32_t>{4, 8}));
  config.columns = 5;
  BOOST_CHECK_THROW(make_mesh(config, ""), InputError);
}

BOOST_AUTO_TEST_CASE(invalid_topologies_are_refused) {
  BOOST_CHECK_THROW(topology_of("hypercube", 48), InputError);
  BOOST_CHECK_THROW(topology_of("cmesh", 30), InputError);
  BOOST_CHECK_THROW(topology_of("pathpower", 30), InputError);
  BOOST_CHECK_THROW(topology_of("pathpower:0", 30), InputError);
  BOOST_CHECK_THROW(topology_of("pathpower:two", 30), InputError);
  BOOST_CHECK_THROW(topology_of("mesh:3", 30), InputError);
  BOOST_CHECK_THROW(topology_of("fully-connected", 2048), InputError);
  BOOST_CHECK_THROW(topology_of("mash", 30), InputError);
}

BOOST_AUTO_TEST_CASE(errors_in_a_file_name_the_line) {
  const Topology t = parse_topology("cores 3 # three\n\n0 1\r\n1,2\n2 1\nat 2 -4 5\n", "links.txt");
  BOOST_TEST(t.links() == 2U);  // the second entry of 1-2 is the same link
  BOOST_TEST(t.places[2].x == -4.0);
  const auto tells = [](std::string_view text, const std::string& part) {
    const std::string problem = problem_of(text);
    BOOST_TEST(problem.find(part) != std::string::npos, problem << " lacks " << part);
  };
  tells("0 1\n", "links.txt:1: \"0\" before the number of cores");
  tells("cores 3\n0 1\n1 3\n", "links.txt:3: \"3\" is not a number from 0 to 2");
  tells("cores 3\n0 x\n", "links.txt:2: \"x\"");
  tells("cores 3\n\n1 1\n", "links.txt:3: core 1 is linked to itself");
  tells("cores 3\n0 1 2\n", "links.txt:2: number of words is 3");
  tells("cores 3\ncores 3\n", "links.txt:2:");
  tells("cores 999999\n", "links.txt:1:");
  tells("cores 3\n0 1\n", "links.txt: has cores that are not connected");
  tells("", "links.txt: has no number of cores");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::fabric
