// Instruments whose results are known bit by bit: every curve of a device, and products with every
// effect. Products are computed with every instruction set of this machine and with 1, 2 and 7
// threads; all natively and in WebAssembly: one constant for all. Who changes a constant says in
// the commit which physics changed.
#include <boost/test/unit_test.hpp>

#include "study/device_study.hpp"
#include "study/mvm.hpp"
#include "study/safetensors.hpp"
#include "support.hpp"

namespace imcsim {
namespace {

template <class Config>
Config config_of(const std::string& toml) {
  const auto no_files = [](const std::string&, std::string&) { return false; };
  return study::resolve_config<Config>(study::parse_settings(toml, "golden", "file golden"),
                                       no_files)
      .config;
}

void check_device(const std::string& toml, const std::string& digest) {
  const auto config = config_of<study::DeviceStudyConfig>("count = 300\n" + toml);
  const std::string found = study::digest_text(study::run_device_study(config, false).digest);
  BOOST_TEST(found == digest, found << " instead of " << digest << " for " << toml);
}

void check_mvm(const std::string& toml, const std::string& digest) {
  for (const Isa isa : testing::supported_isas()) {
    for (const int threads : {1, 2, 7}) {
      auto config = config_of<study::MvmConfig>("by-source = false\n" + toml);
      const study::MvmTask task = study::make_mvm_task(config, nullptr, nullptr);
      const std::string found =
          study::digest_text(study::run_mvm(config, task, {isa, threads}).digest);
      BOOST_TEST(found == digest, "isa " << names_of(isa)[static_cast<std::size_t>(isa)]
                                         << ", threads " << threads << ": " << found
                                         << " instead of " << digest);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(golden_instrument)

BOOST_AUTO_TEST_CASE(curves_over_pulses) {
  check_device("curve = \"pulse\"\ndevice = \"pcm\"\n", "e9fc2ad933556ead");
  check_device("curve = \"pulse\"\ndevice = \"pcm\"\nset-spread = 0.2\nconductance-max-std = 0.1\n",
               "828b2b82aa7f909c");
  check_device("curve = \"pulse\"\ndevice = \"pcm-inference\"\n", "14ee384e3dc93a1f");
}

BOOST_AUTO_TEST_CASE(curves_over_time) {
  check_device("curve = \"drift\"\ndevice = \"pcm\"\ndrift-exponent-std = 0.01\n",
               "d2828f31a7a04147");
  check_device("curve = \"drift\"\ndevice = \"pcm-hermes\"\n", "d92ab6cd92a48a3a");
  check_device("curve = \"drift\"\ndevice = \"projected-pcm\"\n", "93b98c5837b8245e");
}

BOOST_AUTO_TEST_CASE(curves_of_noise) {
  constexpr const char* trace = "curve = \"noise\"\ntrace-samples = 1024\ntraces = 4\n";
  check_device(std::string(trace) + "device = \"pcm\"\n", "005c803e56af320e");
  check_device(std::string(trace) + "device = \"pcm-inference\"\n", "1750ecf7786b7796");
  check_device(std::string(trace) + "device = \"projected-pcm\"\n", "829981918d79c8b6");
}

BOOST_AUTO_TEST_CASE(curves_of_programming) {
  check_device("curve = \"program\"\ndevice = \"pcm\"\nread-at = \"1h\"\n", "a6975bd745fe13f3");
  check_device("curve = \"program\"\ndevice = \"pcm-hermes-pair\"\nread-at = \"1d\"\n",
               "2dd1152cb02ce317");
  check_device("curve = \"program\"\ndevice = \"projected-pcm\"\n", "55102d06b793d786");
}

BOOST_AUTO_TEST_CASE(curves_over_temperature) {
  check_device("curve = \"temperature\"\ndevice = \"pcm\"\nread-at = \"1h\"\n", "918a86d5aeac5fad");
  check_device("curve = \"temperature\"\ndevice = \"projected-pcm\"\nread-at = \"1d\"\n",
               "f7512fb94c05cd2f");
}

/// Programming error, own drift exponents, 1/f and white noise after a month, warm; converters
/// with all their flaws, bent currents.
BOOST_AUTO_TEST_CASE(products_on_pcm_inference) {
  check_mvm(
      "device = \"pcm-inference\"\nrows = 37\ncols = 21\nsamples = 75\nt = \"1mo\"\n"
      "temperature-k = 315\nnonlinearity-voltage-v = 0.25\ninput-density = 0.6\n"
      "dac-offset-std = 0.01\ndac-gain-std = 0.02\ndac-noise-std = 0.01\n"
      "adc-offset-std = 0.01\nadc-gain-std = 0.02\nadc-noise-std = 0.01\n",
      "960396789202f2ec");
}

/// Several devices of different significance, verified pulses, faults of every kind, the exact
/// wires.
BOOST_AUTO_TEST_CASE(products_on_pcm_with_faults_and_wires) {
  check_mvm(
      "device = \"pcm\"\nrows = 24\ncols = 17\nsamples = 75\nt = \"1h\"\n"
      "devices-per-weight = 3\nsignificance-base = 2\nfault-rate = 0.03\nopen-row-rate = 0.05\n"
      "open-column-rate = 0.05\nendurance-pulses = 20\nwire-resistance-ohm = 5\n"
      "wire-model = \"exact\"\nprogramming = \"program-and-verify\"\nverify-most-pulses = 40\n",
      "250fef2aa71c633c");
}

/// One polarity against its reference, bit-serial inputs, wires as an attenuation.
BOOST_AUTO_TEST_CASE(products_on_projected_pcm_bit_by_bit) {
  check_mvm(
      "device = \"projected-pcm\"\nrows = 50\ncols = 18\nsamples = 75\nt = \"1d\"\n"
      "synapse = \"single\"\nencoding = \"bit-serial\"\ndac-bits = 5\nadc-bits = 7\n"
      "wire-resistance-ohm = 1\nweight-distribution = \"normal\"\n"
      "input-distribution = \"positive\"\n",
      "634ce12ba1bbfcbb");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace imcsim
