#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "numeric/tensor.hpp"

namespace imcsim::study {

/// The safetensors format (https://github.com/huggingface/safetensors): 8 bytes of header length,
/// a JSON header, raw little-endian tensors.

using Metadata = std::map<std::string, std::string>;

std::vector<std::uint8_t> write_safetensors(std::span<const StateArray> arrays,
                                            const Metadata& metadata);

/// A parsed file; it references the bytes it was parsed from.
struct Safetensors {
  struct Tensor {
    std::string type;  ///< F32, F64, U32, U8
    std::vector<std::uint64_t> shape;
    std::span<const std::uint8_t> data;
  };
  Metadata metadata;
  std::map<std::string, Tensor> tensors;
};

/// Throws InputError{name, …} for bytes that are not a safetensors file.
Safetensors read_safetensors(std::span<const std::uint8_t> bytes, const std::string& name);

/// Copies the tensors into the arrays of the same names. Throws InputError{name, …} if one is
/// missing or differs in type or shape; then nothing is copied.
void load_arrays(const Safetensors& file, std::span<const StateArray> arrays,
                 const std::string& name);

/// XXH64 (seed 0) over the digested arrays, in order, rows without padding, little-endian.
std::uint64_t digest_of(std::span<const StateArray> arrays);

/// XXH64 over all of `arrays`, digested or not, continued from `seed`; the second form uses the
/// tensors of the same names in a file.
std::uint64_t content_hash(std::span<const StateArray> arrays, std::uint64_t seed);
std::uint64_t content_hash(const Safetensors& file, std::span<const StateArray> arrays,
                           std::uint64_t seed);

/// XXH64 of several digests in order.
std::uint64_t digest_of(std::span<const std::uint64_t> digests);

/// XXH64 of bytes, continued from `seed`.
std::uint64_t hash_of(std::span<const std::uint8_t> bytes, std::uint64_t seed = 0);

std::uint64_t hash_of_text(std::string_view text);

/// Sixteen hexadecimal digits.
std::string digest_text(std::uint64_t digest);

}  // namespace imcsim::study
