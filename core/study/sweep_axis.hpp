#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "study/sweep_study.hpp"
#include "study/toml_nodes.hpp"

namespace imcsim::study {

/// Position of a node in its file, for the order of keys, which TOML tables do not preserve.
struct Place {
  toml::source_index line = 0;
  toml::source_index column = 0;
  friend bool operator<(const Place& a, const Place& b) {
    return a.line != b.line ? a.line < b.line : a.column < b.column;
  }
};
Place place_of(const toml::node& node);

/// Reads parts of a study file; errors name their position.
struct SweepReader {
  std::string name;

  std::string where(const toml::node& node) const;

  /// Throws InputError for keys of `table` that are not in `known`.
  void check_keys(const toml::table& table, const std::vector<std::string>& known) const;

  /// A table of `root`; empty if there is none.
  const toml::table& table_at(const toml::table& root, std::string_view key) const;

  /// `key = [values]` or `key = {from, to, …}`.
  Axis axis(std::string_view key, const toml::node& node) const;

 private:
  double number(const toml::table& range, std::string_view key, std::string_view axis) const;
  double range_step(const toml::table& range, std::string_view axis, double& count) const;
  std::vector<std::string> range_values(const toml::table& range, std::string_view axis) const;
};

}  // namespace imcsim::study
