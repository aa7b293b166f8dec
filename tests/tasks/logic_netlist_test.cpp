// Netlists: accepted and rejected input of the parser; the tasks logic run and logic arithmetic.
#include <boost/test/unit_test.hpp>

#include "base/error.hpp"
#include "support.hpp"
#include "tasks/simpler.hpp"
#include "tasks/task_runs.hpp"

namespace imcsim::tasks {
BOOST_AUTO_TEST_SUITE(tasks_logic_netlist)

namespace {

using testing::number;
using testing::TaskRun;

std::string module_of(const std::string& body) {
  return "module m(a, b, z);\ninput a, b;\noutput z;\nwire t;\n" + body + "endmodule\n";
}

/// The line named by the error.
std::string where(const std::string& text) {
  try {
    parse_netlist(text, "x.v");
  } catch (const InputError& error) {
    return error.where();
  }
  return "";
}

TaskRun task(const std::string& word, std::vector<std::pair<std::string, std::string>> options,
             std::vector<std::pair<std::string, std::string>> texts,
             std::vector<std::pair<std::string, std::string>> files = {}) {
  TaskRun run{word, std::move(options), std::move(files)};
  run.command = "logic";
  run.texts = std::move(texts);
  return run;
}

const std::string nand_gate = module_of(
    "inv1 i(.a(a), .O(t)); // one\nnor2 g(.a(t), .b(nb), .O(n));\n/* two\nlines */ wire nb, n;\n"
    "not j(nb, b);\ninv1 k(.a(n), .O(z));\n");

}  // namespace

BOOST_AUTO_TEST_CASE(gates_in_any_order_and_both_notations) {
  const Netlist netlist = parse_netlist(nand_gate, "x.v");
  BOOST_TEST(netlist.gates.size() == 4U);
  const std::vector<std::uint64_t> bits = netlist.evaluate({0b0011, 0b0101});
  BOOST_TEST((bits[netlist.outputs[0]] & 0xFU) == 0b1110U);
}

BOOST_AUTO_TEST_CASE(errors_in_netlists_name_the_line) {
  BOOST_TEST(where(module_of("nand2 g(.a(a), .b(b), .O(z));\n")) == "x.v:5");
  BOOST_TEST(where(module_of("nor2 g(.a(a), .b(c), .O(z));\n")) == "x.v:5");
  BOOST_TEST(where(module_of("nor2 g(.a(a), .O(z));\n")) == "x.v:5");
  BOOST_TEST(where(module_of("wire [\\ :0] w;\n")) == "x.v:5");
  BOOST_TEST(where(module_of("wire [999999:0] u, v;\n")) == "x.v:5");
  BOOST_TEST(where(module_of("nor2 g(.a(a), .b(b), .O(z))\n")) == "x.v:6");
  BOOST_TEST(where(module_of("nor2 g(.a(a), .b(b), .O(z));\nnor2 h(.a(a), .b(b), .O(z));\n")) ==
             "x.v:6");
  BOOST_TEST(where(module_of("nor2 g(.a(t), .b(b), .O(z));\n")) == "x.v:5");
  BOOST_TEST(where(module_of("inv1 g(.a(z), .O(t));\ninv1 h(.a(t), .O(z));\n")).substr(0, 4) ==
             "x.v:");
  BOOST_TEST(where(module_of("")) == "x.v:3");
  BOOST_TEST(where("module m(a);\ninput a;\n") == "x.v:2");
  BOOST_TEST(where("input a;\n") == "x.v:1");
  BOOST_TEST(where("") == "x.v:1");
}

BOOST_AUTO_TEST_CASE(a_netlist_runs_in_all_rows) {
  const Answer answer = task("run", {{"row-size", "7"}}, {}, {{"netlist", nand_gate}})();
  BOOST_TEST(answer.output_bytes == "1\n1\n1\n0\n");
  BOOST_TEST(std::get<double>(answer.error) == 0.0);
  BOOST_TEST(number(answer.results, "cycles") == 4.0);
  const Answer two = task("run", {}, {{"vectors", "11,01"}}, {{"netlist", nand_gate}})();
  BOOST_TEST(two.output_bytes == "0\n1\n");
  BOOST_CHECK_THROW(task("run", {{"row-size", "3"}}, {}, {{"netlist", nand_gate}})(), InputError);
  BOOST_CHECK_THROW(task("run", {}, {{"vectors", "1"}}, {{"netlist", nand_gate}})(), InputError);
}

BOOST_AUTO_TEST_CASE(arithmetic_as_a_task) {
  const Answer sum = task("add", {{"bits", "8"}}, {{"a", "1, 0xff"}, {"b", "2,255"}})();
  BOOST_TEST(sum.output_bytes == "3\n510\n");
  BOOST_TEST(number(sum.results, "cycles") == 145.0);
  BOOST_TEST(number(sum.results, "cells") == 29.0);
  BOOST_TEST(number(sum.results, "writes_per_cell_max") > 0.0);
  const Answer product = task("multiply", {{"bits", "64"}, {"convention", "min3"}},
                              {{"a", "18446744073709551615"}, {"b", "0xffffffffffffffff"}})();
  BOOST_TEST(product.output_bytes == "340282366920938463426481119284349108225\n");
  const Answer file = task("subtract", {{"bits", "16"}}, {{"b", "1,2"}}, {{"a-file", "5\n1\n"}})();
  BOOST_TEST(file.output_bytes == "4\n65535\n");
  BOOST_CHECK_THROW(task("add", {}, {{"a", "1"}})(), InputError);
  BOOST_CHECK_THROW(task("add", {}, {{"a", "1,2"}, {"b", "1"}})(), InputError);
  BOOST_CHECK_THROW(task("add", {{"bits", "4"}}, {{"a", "16"}, {"b", "1"}})(), InputError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim::tasks
