// Tables of measured curves: parsing and error messages.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "instrument/fit.hpp"
#include "instrument/fit_cells.hpp"

namespace imcsim::instrument {
namespace {

double conductance_at(const CurveTable& table, std::size_t row) {
  double us = 0.0;
  if (table.has("conductance_us")) {
    us = table.number(row, "conductance_us");
  } else if (table.has("conductance_s")) {
    us = 1e6 * table.number(row, "conductance_s");
  } else if (table.has("resistance_ohm")) {
    const double ohm = table.number(row, "resistance_ohm");
    if (ohm <= 0.0) table.refuse(row, fmt::format("resistance of {} ohm", ohm), "more than 0");
    us = 1e6 / ohm;
  } else {
    const double volt = table.number(row, "voltage_v");
    if (volt == 0.0)
      table.refuse(row, "a current at 0 V does not determine a conductance",
                   "a nonzero read voltage");
    us = 1e6 * table.number(row, "current_a") / volt;
  }
  if (us < 0.0) table.refuse(row, fmt::format("negative conductance ({} µS)", us), "0 or more");
  return us;
}

bool is_up(const CurveTable& table, std::size_t row) {
  if (!table.has("direction")) return true;
  const std::string_view word = table.text(row, "direction");
  if (word == "up" || word == "+1" || word == "1") return true;
  if (word != "down" && word != "-1") {
    table.refuse(row, fmt::format("\"{}\" is not a direction", word), "up or down, +1 or -1");
  }
  return false;
}

double x_at(const CurveTable& table, std::size_t row, CurveKind kind) {
  static constexpr std::array<std::string_view, 3> columns = {"pulse", "t_s", "read"};
  const double x = table.number(row, columns[static_cast<std::size_t>(kind)]);
  if (kind == CurveKind::drift && x <= 0.0) {
    table.refuse(row, fmt::format("time of {} s", x), "time after programming, more than 0 s");
  }
  if (kind == CurveKind::pulses && (x < 0.0 || x != std::floor(x) || x > 1e9)) {
    table.refuse(row, fmt::format("pulse {}", x), "a whole number of pulses since RESET");
  }
  return x;
}

CurveKind kind_of(const CurveTable& table, const std::string& name) {
  if (table.has("read") || table.has("measured")) return CurveKind::noise;
  if (table.has("pulse")) return CurveKind::pulses;
  if (table.has("t_s")) return CurveKind::drift;
  throw InputError(name, "has no column for the kind of curve",
                   "pulse (pulses), t_s (drift) or read (noise)");
}

void read_statistics(const CurveTable& table, Curve& curve) {
  const std::string_view spread = curve.kind == CurveKind::noise ? "measured" : "std_us";
  if (!table.has("mean_us") || !table.has(spread)) {
    throw InputError(curve.name, "has means without standard deviations, or the reverse",
                     fmt::format("the columns mean_us and {}", spread));
  }
  const bool changes = table.has("change_mean_us") && table.has("change_std_us");
  Trace trace;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double mean = table.number(row, "mean_us");
    double deviation = table.number(row, spread);
    if (mean < 0.0) table.refuse(row, "negative mean conductance", "0 or more");
    if (deviation < 0.0) table.refuse(row, "negative standard deviation", "0 or more");
    if (curve.kind == CurveKind::noise) deviation *= mean;
    const double x = curve.kind == CurveKind::noise ? mean : x_at(table, row, curve.kind);
    if (curve.kind == CurveKind::pulses && row > 0 && x != trace.x.back() + 1.0) {
      table.refuse(row, fmt::format("pulse {} after pulse {}", x, trace.x.back()),
                   "every pulse, in order");
    }
    trace.x.push_back(x);
    trace.us.push_back(mean);
    trace.std_us.push_back(deviation);
    trace.up.push_back(true);
    if (curve.kind == CurveKind::pulses && changes) {
      trace.change_us.push_back(table.number(row, "change_mean_us"));
      trace.change_std_us.push_back(table.number(row, "change_std_us"));
    }
  }
  trace.from_reset = curve.kind == CurveKind::pulses && trace.x.front() == 0.0;
  curve.traces.push_back(std::move(trace));
}

/// Collects rows of single devices into traces, by device and by programming cycle.
class Sorter {
 public:
  Sorter(const CurveTable& table, Curve& curve) : table_(table), curve_(curve) {}

  void add(std::size_t row) {
    const std::string device(table_.text(row, "device"));
    const double x = x_at(table_, row, curve_.kind);
    const double us = conductance_at(table_, row);
    const bool up = is_up(table_, row);
    const std::string target(table_.text(row, "target_us"));
    if (curve_.kind == CurveKind::drift && us == 0.0) {
      table_.refuse(row, "a conductance of 0 has no drift", "more than 0");
    }
    const auto [known, is_new] = last_.try_emplace(device, Last{0, target});
    Last& last = known->second;
    if (is_new || begins(last, x, up, target)) {
      last = {curve_.traces.size(), target};
      const bool reset = curve_.kind == CurveKind::pulses && x == 0.0 && up;
      curve_.traces.push_back({device, {}, {}, {}, {}, {}, {}, reset});
    } else {
      check_order(row, curve_.traces[last.trace], x, up);
    }
    Trace& trace = curve_.traces[last.trace];
    trace.x.push_back(x);
    trace.us.push_back(us);
    trace.up.push_back(up);
  }

  std::size_t devices() const { return last_.size(); }

 private:
  struct Last {
    std::size_t trace;
    std::string target;
  };

  bool begins(const Last& last, double x, bool up, const std::string& target) const {
    const Trace& trace = curve_.traces[last.trace];
    if (target != last.target) return true;
    if (curve_.kind != CurveKind::pulses) return x <= trace.x.back();
    return x == 0.0 || (up == trace.up.back() && x <= trace.x.back());
  }

  void check_order(std::size_t row, const Trace& trace, double x, bool up) const {
    const bool same_way = curve_.kind == CurveKind::pulses && up == trace.up.back();
    if (same_way && x != trace.x.back() + 1.0) {
      table_.refuse(row, fmt::format("pulse {} after pulse {}", x, trace.x.back()),
                    "every pulse of a device, in order");
    }
  }

  const CurveTable& table_;
  Curve& curve_;
  std::map<std::string, Last, std::less<>> last_;
};

}  // namespace

Curve read_curve(std::string_view text, const std::string& name) {
  const CurveTable table(text, name);
  Curve curve{name, kind_of(table, name), false, {}, table.rows(), 1};
  const bool current = table.has("current_a") && table.has("voltage_v");
  const bool single = table.has("conductance_us") || table.has("conductance_s") ||
                      table.has("resistance_ohm") || current;
  curve.statistics = !single && (table.has("mean_us") || table.has("std_us"));
  if (!single && !curve.statistics) {
    throw InputError(name, "has no conductance column",
                     "conductance_us, conductance_s, resistance_ohm, current_a with voltage_v, or "
                     "mean_us with std_us");
  }
  if (curve.statistics) {
    read_statistics(table, curve);
  } else {
    Sorter sorter(table, curve);
    for (std::size_t row = 0; row < table.rows(); ++row) sorter.add(row);
    curve.devices = table.has("device") ? sorter.devices() : curve.traces.size();
  }
  return curve;
}

std::span<const std::string_view> names_of(CurveKind) {
  static constexpr std::array<std::string_view, 3> names = {"pulses", "drift", "noise"};
  return names;
}

}  // namespace imcsim::instrument
