#include "study/safetensors.hpp"

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "support.hpp"

namespace imcsim {
BOOST_AUTO_TEST_SUITE(study_safetensors)

namespace {

using study::Safetensors;

struct State {
  Matrix<float> matrix = testing::random_matrix(3, 5, 1.0F, 1);
  std::vector<double> times = {1.5, -2.0, 1e300, 0.0};
  std::vector<std::uint32_t> pulses = {1, 4000000000U};
  std::vector<std::uint8_t> marks = {0, 1, 255};

  std::vector<StateArray> arrays() {
    return {{"matrix", array_view(matrix, 5), true},
            {"times", array_view(times, 2, 2), true},
            {"pulses", array_view(pulses, 1, 2), false},
            {"marks", array_view(marks, 3, 1), false}};
  }
};

std::vector<std::uint8_t> file_of(const std::string& header, std::size_t body = 0) {
  std::vector<std::uint8_t> bytes(8 + header.size() + body, 0);
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_header_of_many_keys_ends_at_once) {
  std::string header = "{";
  for (int i = 0; i < 300000; ++i) header += "\"" + std::to_string(i) + "\":1,";
  header.back() = '}';
  const auto many = [](const InputError& error) {
    return std::string(error.what()).find("too many keys") != std::string::npos;
  };
  BOOST_CHECK_EXCEPTION(study::read_safetensors(file_of(header), "x"), InputError, many);
}

BOOST_AUTO_TEST_CASE(written_files_read_back) {
  State from;
  const std::vector<std::uint8_t> bytes =
      study::write_safetensors(from.arrays(), {{"kind", "test"}, {"odd", "\"µ\"\n"}});
  const Safetensors file = study::read_safetensors(bytes, "x");
  BOOST_TEST(file.metadata.at("kind") == "test");
  BOOST_TEST(file.metadata.at("odd") == "\"µ\"\n");
  BOOST_TEST(file.tensors.size() == 4U);
  BOOST_TEST(file.tensors.at("matrix").type == "F32");
  BOOST_TEST(file.tensors.at("times").type == "F64");
  BOOST_TEST(file.tensors.at("pulses").type == "U32");
  BOOST_TEST(file.tensors.at("marks").type == "U8");
  BOOST_TEST(file.tensors.at("matrix").data.size() == 60U);  // rows without padding

  State to;
  to.matrix.fill(9.0F);
  to.times.assign(4, 9.0);
  to.pulses.assign(2, 9);
  to.marks.assign(3, 9);
  study::load_arrays(file, to.arrays(), "x");
  BOOST_TEST(to.times == from.times, boost::test_tools::per_element());
  BOOST_TEST(to.pulses == from.pulses, boost::test_tools::per_element());
  BOOST_TEST(to.marks == from.marks, boost::test_tools::per_element());
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 5; ++j) BOOST_TEST(to.matrix(i, j) == from.matrix(i, j));
    BOOST_TEST(to.matrix(i, 5) == 9.0F);  // padding is unchanged
  }
}

BOOST_AUTO_TEST_CASE(the_header_has_the_standard_format) {
  State state;
  const std::vector<std::uint8_t> bytes = study::write_safetensors(state.arrays(), {});
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), 8);
  BOOST_TEST(length % 8 == 0U);
  const std::string text(bytes.begin() + 8,
                         bytes.begin() + 8 + static_cast<std::ptrdiff_t>(length));
  const nlohmann::json header = nlohmann::json::parse(text);
  BOOST_TEST(header["matrix"]["shape"] == nlohmann::json({3, 5}));
  BOOST_TEST(header["matrix"]["data_offsets"] == nlohmann::json({0, 60}));
  BOOST_TEST(header["times"]["data_offsets"] == nlohmann::json({60, 92}));
  BOOST_TEST(bytes.size() == 8 + length + 60 + 32 + 8 + 3);
}

BOOST_AUTO_TEST_CASE(malformed_files_are_refused_by_name) {
  const std::string good = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  BOOST_TEST(study::read_safetensors(file_of(good, 8), "x").tensors.size() == 1U);
  std::vector<std::vector<std::uint8_t>> cases = {{},
                                                  {1, 2, 3},
                                                  std::vector<std::uint8_t>(8, 0xFF),
                                                  file_of(good, 7),
                                                  file_of("{", 8),
                                                  file_of("[1, 2]", 8),
                                                  file_of("5", 8),
                                                  file_of("\xff\xfe", 8)};
  for (const char* header :
       {R"({"a":5})", R"({"a":{}})", R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})",
        R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})",
        R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})",
        R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
        R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})",
        R"({"a":{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8]}})",
        R"({"a":{"dtype":"F32","shape":[4611686018427387904, 4],"data_offsets":[0,8]}})",
        R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}})",
        R"({"a":{"dtype":"F32","shape":"2","data_offsets":[0,8]}})", R"({"__metadata__":{"a":5}})",
        R"({"__metadata__":[]})"}) {
    cases.push_back(file_of(header, 8));
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    BOOST_TEST_CONTEXT("case " << i) {
      BOOST_CHECK_EXCEPTION(
          study::read_safetensors(cases[i], "model.safetensors"), InputError,
          [](const InputError& error) { return error.where() == "model.safetensors"; });
    }
  }
}

BOOST_AUTO_TEST_CASE(every_prefix_is_refused_or_whole) {
  State state;
  const std::vector<std::uint8_t> bytes = study::write_safetensors(state.arrays(), {{"k", "v"}});
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    BOOST_CHECK_THROW(study::read_safetensors(std::span(bytes).first(n), "x"), InputError);
  }
}

BOOST_AUTO_TEST_CASE(arrays_that_do_not_fit_are_named_and_nothing_is_copied) {
  State from;
  const std::vector<std::uint8_t> bytes = study::write_safetensors(from.arrays(), {});
  const Safetensors file = study::read_safetensors(bytes, "x");
  State to;
  to.matrix.fill(9.0F);
  std::vector<float> other(6, 0.0F);
  std::vector<StateArray> arrays = {to.arrays()[0], {"times", array_view(other, 2, 3), true}};
  BOOST_CHECK_EXCEPTION(
      study::load_arrays(file, arrays, "x"), InputError, [](const InputError& error) {
        return std::string(error.what()) ==
               "x: tensor \"times\" is missing or has a different shape (F32 [2, 3])";
      });
  BOOST_TEST(to.matrix(0, 0) == 9.0F);
  arrays[1].name = "nothing";
  BOOST_CHECK_THROW(study::load_arrays(file, arrays, "x"), InputError);
}

/// XXH64 of nothing and of the bytes 01 00 00 00 02 00 00 00, seed 0.
BOOST_AUTO_TEST_CASE(digests_are_xxh64_of_the_digested_rows) {
  BOOST_TEST(study::digest_text(study::digest_of(std::span<const StateArray>{})) ==
             "ef46db3751d8e999");
  std::vector<std::uint32_t> words = {1, 2};
  std::vector<std::uint32_t> ignored = {5};
  const std::vector<StateArray> arrays = {{"ignored", array_view(ignored, 1, 1), false},
                                          {"words", array_view(words, 1, 2), true}};
  const std::uint8_t bytes[] = {1, 0, 0, 0, 2, 0, 0, 0};
  BOOST_TEST(study::digest_of(arrays) == study::hash_of(bytes));
  Matrix<std::uint32_t> padded_words = padded_matrix<std::uint32_t>(2, 1);
  padded_words(0, 0) = 1;
  padded_words(1, 0) = 2;
  padded_words(0, 1) = 99;  // after the columns
  const std::vector<StateArray> padded_arrays = {{"words", array_view(padded_words, 1), true}};
  BOOST_TEST(study::digest_of(padded_arrays) == study::hash_of(bytes));
  // "a" and "abc": values of the reference implementation.
  const std::uint8_t abc[] = {'a', 'b', 'c'};
  BOOST_TEST(study::digest_text(study::hash_of(std::span(abc).first(1))) == "d24ec4f1a98c6e5b");
  BOOST_TEST(study::digest_text(study::hash_of(abc)) == "44bc2cf5ad770999");
  BOOST_TEST(study::digest_text(0x1fU) == "000000000000001f");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
