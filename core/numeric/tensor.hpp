#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <type_traits>
#include <vector>
#include <xtensor/xtensor.hpp>

namespace imcsim {

/// Memory aligned to 64 bytes, so that each row of a padded matrix is aligned.
template <class T>
struct AlignedAllocator {
  using value_type = T;
  using size_type = std::size_t;
  using difference_type = std::ptrdiff_t;
  using pointer = T*;
  using const_pointer = const T*;
  using reference = T&;
  using const_reference = const T&;
  template <class U>
  struct rebind {
    using other = AlignedAllocator<U>;
  };

  AlignedAllocator() = default;
  template <class U>
  AlignedAllocator(const AlignedAllocator<U>&) {}  // NOLINT: allocators convert by rule

  T* allocate(std::size_t n) {
    return static_cast<T*>(::operator new (n * sizeof(T), std::align_val_t{64}));
  }
  void deallocate(T* p, std::size_t) { ::operator delete (p, std::align_val_t{64}); }
  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }
};

template <class T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

/// Row-major matrix with rows of any length.
template <class T>
using Matrix = xt::xtensor<T, 2, xt::layout_type::row_major, AlignedAllocator<T>>;

/// Length of a kernel row with `n` numbers: the next multiple of 16.
constexpr std::size_t padded(std::size_t n) { return (n + 15) / 16 * 16; }

/// Matrix of zeros, [rows × padded(columns)].
template <class T>
Matrix<T> padded_matrix(std::size_t rows, std::size_t columns) {
  return Matrix<T>(typename Matrix<T>::shape_type{rows, padded(columns)}, T{});
}

enum class ElementType { u8, u32, f32, f64 };

/// A view of a matrix: `rows` × `columns` elements, rows `row_stride` elements apart.
struct ArrayView {
  ElementType type = ElementType::f32;
  void* data = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;
  std::size_t row_stride = 0;

  std::size_t element_bytes() const;
  std::size_t bytes() const { return rows * columns * element_bytes(); }
  std::byte* row(std::size_t i) const {
    return static_cast<std::byte*>(data) + i * row_stride * element_bytes();
  }
};

/// A named part of a simulation's state: saved in checkpoints and, where `digested`, part of the
/// digest.
struct StateArray {
  std::string name;
  ArrayView view;
  bool digested = true;
};

template <class T>
constexpr ElementType element_type_of() {
  if constexpr (std::is_same_v<T, std::uint8_t>) return ElementType::u8;
  if constexpr (std::is_same_v<T, std::uint32_t>) return ElementType::u32;
  if constexpr (std::is_same_v<T, double>) return ElementType::f64;
  return ElementType::f32;
}

/// View of an unpadded [rows × columns] matrix in a vector.
template <class T>
ArrayView array_view(std::vector<T>& values, std::size_t rows, std::size_t columns) {
  return {element_type_of<T>(), values.data(), rows, columns, columns};
}

/// View of the first `columns` columns of a padded matrix.
template <class T>
ArrayView array_view(Matrix<T>& matrix, std::size_t columns) {
  return {element_type_of<T>(), matrix.data(), matrix.shape(0), columns, matrix.shape(1)};
}

inline std::size_t ArrayView::element_bytes() const {
  switch (type) {
    case ElementType::u8: return 1;
    case ElementType::f64: return 8;
    case ElementType::u32:
    case ElementType::f32: break;
  }
  return 4;
}

}  // namespace imcsim
