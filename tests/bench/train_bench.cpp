// Samples per second of mixed-precision training on PCM, and of the float reference of the same
// network on the same images, a perceptron and a convolutional network, for each instruction set:
//
//     train_bench [FOLDER]      FOLDER: the four IDX files of MNIST, not compressed
//
// Both train on up to 4,000 images in alternating slices, so that the load of the machine affects
// both equally; each rate is that of the best slice. Without a folder, synthetic images as sparse
// as MNIST are used.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "base/error.hpp"
#include "support.hpp"
#include "training/training.hpp"

namespace imcsim {
namespace {

constexpr std::size_t images = 4000;
const std::string perceptron = "784-250-10";
const std::string convolutions = "28x28-c16k5-p2-c32k5-p2-128-10";

dataset::NamedBytes read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw InputError(path, "cannot be read", "an IDX file");
  return {path, {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}};
}

dataset::LabeledImages load(int argc, char** argv) {
  if (argc < 2) {
    testing::IdxPair pair = testing::synthetic_idx(images, 0);
    return dataset::parse_idx(std::move(pair.images), std::move(pair.labels));
  }
  const std::string folder = argv[1];
  dataset::LabeledImages set = dataset::parse_idx(read_file(folder + "/train-images-idx3-ubyte"),
                                                  read_file(folder + "/train-labels-idx1-ubyte"));
  set.limit(images);
  return set;
}

/// One training, timed slice by slice.
class Runner {
 public:
  Runner(training::MethodName method, const std::string& network, Isa isa) {
    training::TrainingConfig config;
    config.method = method;
    if (network == convolutions) {
      config.learning_rate = 0.004;
      config.activation = network::Activation::relu;
      config.loss = training::Loss::cross_entropy;
    }
    learning_rate_ = static_cast<float>(config.learning_rate);
    period_s_ = config.sample_period.seconds;
    trainer_ = training::make_trainer(config, {}, network::parse_architecture(network, "network"),
                                      1, {isa, 1});
  }

  void run(const dataset::LabeledImages& set, std::size_t first, std::size_t count) {
    const auto start = std::chrono::steady_clock::now();
    for (std::size_t i = first; i < first + count; ++i) {
      const training::Step step{i, static_cast<double>(i) * period_s_, learning_rate_, true};
      loss_ += trainer_->learn(set.image(i), set.label(i), step);
    }
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    best_s_ = std::min(best_s_, time.count() / static_cast<double>(count));
  }

  double best_s() const { return best_s_; }
  double loss() const { return loss_; }

 private:
  std::unique_ptr<training::Trainer> trainer_;
  float learning_rate_ = 0.0F;
  double period_s_ = 0.0;
  double loss_ = 0.0;
  double best_s_ = std::numeric_limits<double>::infinity();
};

void compare(const dataset::LabeledImages& set, const std::string& network, std::size_t slice) {
  std::printf("\n%s, best slice of %zu\n", network.c_str(), slice);
  std::printf("%-9s %16s %16s %12s\n", "isa", "pcm samples/s", "float samples/s", "time ratio");
  for (const Isa isa : testing::supported_isas()) {
    Runner pcm(training::MethodName::mixed_precision, network, isa);
    Runner exact(training::MethodName::float32, network, isa);
    for (std::size_t first = 0; first + slice <= std::min(set.size(), 20 * slice); first += slice) {
      pcm.run(set, first, slice);
      exact.run(set, first, slice);
    }
    std::printf("%-9s %16.0f %16.0f %12.3f\n",
                std::string(names_of(isa)[static_cast<std::size_t>(isa)]).c_str(),
                1.0 / pcm.best_s(), 1.0 / exact.best_s(), pcm.best_s() / exact.best_s());
  }
}

void run(const dataset::LabeledImages& set) {
  std::size_t bright = 0;
  for (const std::uint8_t pixel : set.pixels()) bright += pixel != 0 ? 1U : 0U;
  std::printf("%zu images, %.1f %% of the pixels not zero, one thread\n", set.size(),
              100.0 * static_cast<double>(bright) / static_cast<double>(set.pixels().size()));
  compare(set, perceptron, 200);
  compare(set, convolutions, 50);
}

}  // namespace
}  // namespace imcsim

int main(int argc, char** argv) {
  try {
    imcsim::run(imcsim::load(argc, argv));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "train_bench: %s\n", error.what());
    return 2;
  }
  return 0;
}
