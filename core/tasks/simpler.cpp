#include "tasks/simpler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.hpp"
#include "tasks/row_arithmetic.hpp"

namespace imcsim::tasks {
namespace {

class Mapper {
 public:
  Mapper(const Netlist& netlist, std::size_t row_size)
      : netlist_(netlist),
        row_size_(row_size),
        uses_(netlist.signals()),
        usage_(netlist.signals()),
        cell_(netlist.signals(), RowStep::none) {
    for (std::size_t i = 0; i < netlist.inputs.size(); ++i) cell_[i] = i;
    mapping_.cells = netlist.inputs.size();
    for (const std::size_t output : netlist.outputs) {
      if (kept_.emplace(output, mapping_.cells).second && !netlist.is_input(output)) {
        mapping_.cells += 1;
      }
    }
    if (mapping_.cells > row_size) refuse();
    for (std::size_t c = mapping_.cells; c < row_size; ++c) free_.insert(c);
  }

  RowMapping run() {
    count_uses();
    for (const std::size_t root : roots_) place(root);
    for (const std::size_t output : netlist_.outputs) {
      mapping_.output_cells.push_back(cell_[output]);
    }
    return std::move(mapping_);
  }

 private:
  /// The gates among a gate's inputs, each once, in netlist order.
  std::vector<std::size_t> children(std::size_t signal) const {
    std::vector<std::size_t> found;
    const NorGate& gate = netlist_.gate_of(signal);
    const std::size_t first = std::min(gate.a, gate.b);
    const std::size_t second = std::max(gate.a, gate.b);
    if (!netlist_.is_input(first)) found.push_back(first);
    if (!netlist_.is_input(second) && second != first) found.push_back(second);
    return found;
  }

  void count_uses() {
    for (std::size_t s = netlist_.inputs.size(); s < netlist_.signals(); ++s) {
      for (const std::size_t child : children(s)) uses_[child] += 1;
    }
    for (std::size_t s = netlist_.inputs.size(); s < netlist_.signals(); ++s) {
      if (uses_[s] == 0) roots_.push_back(s);
    }
    for (const std::size_t output : netlist_.outputs) uses_[output] += 1;
  }

  /// Children in descending cell usage; equal ones in netlist order.
  std::vector<std::size_t> ordered_children(std::size_t signal) {
    std::vector<std::size_t> found = children(signal);
    if (found.size() == 2 && usage_[found[0]] < usage_[found[1]]) std::swap(found[0], found[1]);
    return found;
  }

  /// Depth-first traversal without recursion, because netlists can be long chains.
  template <class Done, class Finish>
  void walk(std::size_t root, Done done, Finish finish) {
    std::vector<std::size_t> waiting = {root};
    while (!waiting.empty()) {
      const std::size_t top = waiting.back();
      bool ready = true;
      if (!done(top)) {
        for (const std::size_t child : ordered_children(top)) {
          if (done(child)) continue;
          waiting.push_back(child);
          ready = false;
          break;
        }
        if (!ready) continue;
        finish(top);
      }
      waiting.pop_back();
    }
  }

  void find_usage(std::size_t root) {
    walk(
        root, [this](std::size_t s) { return usage_[s] > 0; },
        [this](std::size_t s) {
          const std::vector<std::size_t> found = ordered_children(s);
          usage_[s] = found.empty() ? 1 : usage_[found[0]];
          if (found.size() == 2) usage_[s] = std::max(usage_[found[0]], usage_[found[1]] + 1);
        });
  }

  void place(std::size_t root) {
    find_usage(root);
    walk(
        root, [this](std::size_t s) { return cell_[s] != RowStep::none; },
        [this](std::size_t s) { give_cell(s); });
  }

  std::size_t cell_for(std::size_t signal) {
    const auto kept = kept_.find(signal);
    if (kept != kept_.end()) return kept->second;
    if (free_.empty()) initialize_dead();
    const std::size_t cell = *free_.begin();
    free_.erase(free_.begin());
    return cell;
  }

  void give_cell(std::size_t signal) {
    const std::size_t cell = cell_for(signal);
    cell_[signal] = cell;
    mapping_.cells = std::max(mapping_.cells, cell + 1);
    const NorGate& gate = netlist_.gate_of(signal);
    mapping_.steps.push_back({cell, cell_[gate.a], cell_[gate.b], {}});
    for (const std::size_t child : children(signal)) {
      if (--uses_[child] == 0) dead_.push_back(cell_[child]);
    }
  }

  [[noreturn]] void refuse() const {
    throw InputError(at_field("row-size"),
                     fmt::format("{} cells are too few for this netlist", row_size_), "more cells");
  }

  void initialize_dead() {
    if (dead_.empty()) refuse();
    std::sort(dead_.begin(), dead_.end());
    free_.insert(dead_.begin(), dead_.end());
    mapping_.initializations += 1;
    mapping_.steps.push_back({RowStep::none, 0, 0, std::move(dead_)});
    dead_.clear();
  }

  const Netlist& netlist_;
  std::size_t row_size_;
  std::vector<std::size_t> uses_;   ///< remaining uses, by gates and as outputs
  std::vector<std::size_t> usage_;  ///< CU
  std::vector<std::size_t> cell_;
  std::vector<std::size_t> roots_;
  std::map<std::size_t, std::size_t> kept_;  ///< cells of the outputs
  std::set<std::size_t> free_;
  std::vector<std::size_t> dead_;
  RowMapping mapping_;
};

}  // namespace

RowMapping map_to_row(const Netlist& netlist, std::size_t row_size) {
  return Mapper(netlist, row_size).run();
}

void run_mapping(const RowMapping& mapping, StatefulArray& array) {
  for (const RowStep& step : mapping.steps) {
    for (const std::size_t cell : step.cleared) array.initialize(cell, true);
    if (step.out != RowStep::none) {
      if (step.a == step.b) {
        array.invert(step.a, step.out);
      } else {
        array.nor(step.a, step.b, step.out);
      }
    }
    array.tick();
  }
}

std::size_t default_row_size(RowOperation operation, std::size_t bits) {
  return operation == RowOperation::multiply ? 16 * bits + 32 : 8 * bits + 32;
}

RowResult compute_simpler(RowOperation operation, const RowOperands& operands, std::size_t row_size,
                          const GateErrors& errors) {
  const std::size_t n = operands.bits;
  const Netlist netlist = operation == RowOperation::add        ? adder_netlist(n)
                          : operation == RowOperation::subtract ? subtractor_netlist(n)
                                                                : multiplier_netlist(n);
  RowMapping mapping = map_to_row(netlist, row_size);
  StatefulArray array(operands.a.size(), errors.probability, errors.stream);
  array.add_cells(mapping.cells);
  detail::load_values(array, 0, n, operands.a);
  detail::load_values(array, n, n, operands.b);
  if (operation == RowOperation::subtract) {
    array.load(2 * n, std::vector<std::uint64_t>((operands.a.size() + 63) / 64, ~std::uint64_t{0}));
  }
  array.preset(netlist.inputs.size());
  run_mapping(mapping, array);
  if (operation != RowOperation::subtract) return detail::read_out(array, mapping.output_cells);
  const std::size_t carry = mapping.output_cells.back();
  mapping.output_cells.pop_back();
  return detail::read_out(array, mapping.output_cells, carry);
}

}  // namespace imcsim::tasks
