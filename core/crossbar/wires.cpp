#include "crossbar/wires.hpp"

#include <algorithm>
#include <span>
#include <vector>

namespace imcsim::crossbar {
namespace {

constexpr double us_per_siemens = 1e6;

/// Relative tolerance of the node voltages: float precision.
constexpr double tolerance = 1e-7;

NodalSolution uniform_drive(const NodalCrossbar& crossbar) {
  return crossbar.solve(std::vector<double>(crossbar.rows(), 1.0), {}, tolerance);
}

Matrix<float>& reshaped(Matrix<float>& out, const NodalCrossbar& crossbar) {
  if (out.shape(0) != crossbar.rows() || out.shape(1) != padded(crossbar.columns())) {
    out = padded_matrix<float>(crossbar.rows(), crossbar.columns());
  }
  return out;
}

/// Writes value(i, j) to every crossing and 0 to the padding.
template <class Value>
void fill(const NodalCrossbar& crossbar, Matrix<float>& out, const Value& value) {
  reshaped(out, crossbar);
  for (std::size_t i = 0; i < crossbar.rows(); ++i) {
    for (std::size_t j = 0; j < crossbar.columns(); ++j) {
      out(i, j) = static_cast<float>(value(i, j));
    }
    for (std::size_t j = crossbar.columns(); j < out.shape(1); ++j) out(i, j) = 0.0F;
  }
}

/// Direct transfer conductance of each device, α G β in S [rows × columns].
std::vector<double> direct_conductance_s(const NodalCrossbar& crossbar) {
  const std::span<const double> g = crossbar.conductance_s();
  std::vector<double> direct_s(g.size());
  std::vector<double> beta(g.size());
  crossbar.solve_rows(std::vector<double>(crossbar.rows(), 1.0), {}, direct_s);
  crossbar.solve_columns(std::vector<double>(crossbar.columns(), 1.0), {}, beta);
  for (std::size_t k = 0; k < g.size(); ++k) direct_s[k] *= g[k] * beta[k];
  return direct_s;
}

}  // namespace

void attenuation(const Matrix<float>& conductance_us, std::size_t columns, LineResistance line,
                 Matrix<float>& out) {
  const NodalCrossbar crossbar(conductance_us, columns, line);
  const NodalSolution uniform = uniform_drive(crossbar);
  fill(crossbar, out, [&](std::size_t i, std::size_t j) {
    const std::size_t node = i * columns + j;
    return std::clamp(uniform.row_v[node] - uniform.column_v[node], 0.0, 1.0);
  });
}

void transfer_conductance(const Matrix<float>& conductance_us, std::size_t columns,
                          LineResistance line, Matrix<float>& out) {
  const NodalCrossbar crossbar(conductance_us, columns, line);
  const NodalSolution uniform = uniform_drive(crossbar);
  const std::vector<double> direct_s = direct_conductance_s(crossbar);
  std::vector<double> row_rest_s = uniform.row_current_a;
  std::vector<double> column_rest_s = uniform.current_a;
  for (std::size_t i = 0; i < crossbar.rows(); ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      row_rest_s[i] -= direct_s[i * columns + j];
      column_rest_s[j] -= direct_s[i * columns + j];
    }
  }
  double rest_s = 0.0;
  for (double& rest : row_rest_s) {
    rest = std::max(rest, 0.0);  // negative only by rounding
    rest_s += rest;
  }
  for (double& rest : column_rest_s) rest = rest_s > 0.0 ? std::max(rest, 0.0) / rest_s : 0.0;
  fill(crossbar, out, [&](std::size_t i, std::size_t j) {
    return us_per_siemens * (direct_s[i * columns + j] + row_rest_s[i] * column_rest_s[j]);
  });
}

}  // namespace imcsim::crossbar
