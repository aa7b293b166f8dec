#include "npy.hpp"

#include <fmt/format.h>

#include <cmath>
#include <sstream>
#include <xtensor/xadapt.hpp>
#include <xtensor/xarray.hpp>
#include <xtensor/xnpy.hpp>

#include "base/error.hpp"
#include "files.hpp"

namespace imcsim::cli {
namespace {

template <class T>
bool load_as(const std::string& bytes, std::size_t most_dimensions, study::FileMatrix& matrix) {
  try {
    std::istringstream stream(bytes);
    const xt::xarray<T> loaded = xt::load_npy<T>(stream);
    if (loaded.dimension() == 0 || loaded.dimension() > most_dimensions) return false;
    if (loaded.size() == 0) return false;
    matrix.rows = loaded.dimension() > 1 ? loaded.shape(0) : 1;
    matrix.columns = loaded.size() / matrix.rows;
    for (const T value : loaded) matrix.values.push_back(static_cast<double>(value));
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

study::FileMatrix load_matrix(const std::string& path, const Where& where,
                              std::size_t most_dimensions) {
  const std::vector<std::uint8_t> bytes = read_bytes(path, where);
  const std::string text(bytes.begin(), bytes.end());
  study::FileMatrix matrix;
  if (!load_as<double>(text, most_dimensions, matrix) &&
      !load_as<float>(text, most_dimensions, matrix)) {
    throw InputError(
        where, fmt::format("\"{}\" cannot be read", path),
        fmt::format("a .npy file of float32 or float64, one to {} dimensions", most_dimensions));
  }
  for (const double value : matrix.values) {
    if (!std::isfinite(value)) {
      throw InputError(where, fmt::format("\"{}\" contains a value that is not finite", path),
                       "finite numbers");
    }
  }
  return matrix;
}

std::string npy_of(const ArrayView& view) {
  const std::vector<std::size_t> shape = {view.rows, view.columns};
  const auto dump = [&]<class T>(T) {
    std::vector<T> values;
    for (std::size_t i = 0; i < view.rows; ++i) {
      const T* row = reinterpret_cast<const T*>(view.row(i));
      values.insert(values.end(), row, row + view.columns);
    }
    return xt::dump_npy(xt::adapt(values, shape));
  };
  switch (view.type) {
    case ElementType::u8: return dump(std::uint8_t{});
    case ElementType::u32: return dump(std::uint32_t{});
    case ElementType::f64: return dump(double{});
    case ElementType::f32: break;
  }
  return dump(float{});
}

}  // namespace imcsim::cli
