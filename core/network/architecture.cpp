#include "network/architecture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/error.hpp"

namespace imcsim::network {
namespace {

constexpr std::size_t widest = 65536;
constexpr std::uint64_t most_weights = std::uint64_t{1} << 28;

/// Parser of the text of a network.
class Reader {
 public:
  Reader(const std::string& text, const Where& where) : text_(text), where_(where) {}

  Architecture read() {
    Architecture architecture;
    architecture.input = read_input();
    Shape shape = architecture.input;
    while (at_ < text_.size()) {
      if (text_[at_] != '-') refuse();
      ++at_;
      if (take('n')) {
        normalize(architecture.stages);
      } else if (take('d')) {
        read_dropout();
      } else {
        architecture.stages.push_back(read_stage(shape));
        architecture.stages.back().dropout = std::exchange(dropout_, 0.0F);
        shape = architecture.stages.back().out;
      }
    }
    if (architecture.stages.empty()) {
      throw InputError(where_, fmt::format("\"{}\" has no layer", text_), std::string(expected));
    }
    if (architecture.stages.back().kind != StageKind::dense ||
        architecture.stages.back().normalized || dropout_ > 0.0F) {
      throw InputError(where_, fmt::format("\"{}\" does not end with a width", text_),
                       "the number of classes at the end");
    }
    const std::uint64_t weights = architecture.weight_count();
    if (weights > most_weights) {
      throw InputError(where_, fmt::format("\"{}\" has {} weights", text_, weights),
                       fmt::format("at most {}", most_weights));
    }
    return architecture;
  }

 private:
  static constexpr std::string_view expected =
      "widths joined by dashes, such as 784-250-10, each from 1 to 65536, or an image and layers, "
      "such as 28x28-c16k5-n-p2-128-d0.5-10 (n: normalization; d0.5: dropout)";

  [[noreturn]] void refuse() const {
    throw InputError(where_, fmt::format("\"{}\" is not a network", text_), std::string(expected));
  }

  std::size_t number() {
    std::size_t value = 0;
    const char* const begin = text_.data() + at_;
    const auto [next, error] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (error != std::errc{} || value < 1 || value > widest) refuse();
    at_ += static_cast<std::size_t>(next - begin);
    return value;
  }

  bool take(char letter) {
    if (at_ >= text_.size() || text_[at_] != letter) return false;
    ++at_;
    return true;
  }

  /// `n`: normalizes the layer before it.
  void normalize(std::vector<Stage>& stages) const {
    const bool fits = !stages.empty() && stages.back().has_weights() && !stages.back().normalized &&
                      dropout_ == 0.0F;
    if (!fits) {
      throw InputError(where_, fmt::format("\"{}\": n does not follow a layer with weights", text_),
                       "n directly after a convolution or a width, such as c16k5-n or 128-n");
    }
    stages.back().normalized = true;
  }

  /// `d0.5`, with at most six decimals, read as a whole number over a power of ten.
  void read_dropout() {
    constexpr std::size_t most_decimals = 6;
    const bool first = dropout_ == 0.0F;
    bool fits = first && take('0') && take('.');
    std::uint32_t digits = 0;
    std::uint32_t whole = 1;
    for (std::size_t decimals = 0; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9';
         ++at_) {
      fits = fits && ++decimals <= most_decimals;
      if (!fits) break;
      digits = 10 * digits + static_cast<std::uint32_t>(text_[at_] - '0');
      whole *= 10;
    }
    if (!fits || digits == 0) {
      throw InputError(where_, fmt::format("\"{}\": d has no valid dropout probability", text_),
                       "more than 0 and less than 1, between two layers, such as d0.5");
    }
    dropout_ = static_cast<float>(digits) / static_cast<float>(whole);
  }

  Shape read_input() {
    const std::size_t first = number();
    if (!take('x')) return {1, 1, first};
    const std::size_t width = number();
    return {first, width, take('x') ? number() : 1};
  }

  Stage read_stage(const Shape& in) {
    Stage stage;
    stage.in = in;
    if (take('c')) {
      stage.kind = StageKind::convolution;
      stage.out.channels = number();
      if (!take('k')) refuse();
      stage.kernel = number();
      if (take('p')) stage.padding = number();
      if (take('s')) stage.stride = number();
    } else if (take('p')) {
      stage.kind = StageKind::max_pool;
    } else if (take('a')) {
      stage.kind = StageKind::average_pool;
    } else {
      stage.out = {1, 1, number()};
      return stage;
    }
    if (stage.kind != StageKind::convolution) {
      stage.kernel = stage.stride = number();
      stage.out.channels = in.channels;
    }
    const std::size_t high = in.height + 2 * stage.padding;
    const std::size_t wide = in.width + 2 * stage.padding;
    if (stage.kernel > high || stage.kernel > wide) {
      throw InputError(where_,
                       fmt::format("\"{}\": kernel of size {} on an input of {} x {}", text_,
                                   stage.kernel, in.height, in.width),
                       "a kernel that fits; the first number is the image, such as 28x28");
    }
    stage.out.height = (high - stage.kernel) / stage.stride + 1;
    stage.out.width = (wide - stage.kernel) / stage.stride + 1;
    return stage;
  }

  const std::string& text_;
  const Where& where_;
  std::size_t at_ = 0;
  float dropout_ = 0.0F;  ///< of the inputs of the next layer
};

}  // namespace

std::vector<Stage> Architecture::weight_stages() const {
  std::vector<Stage> with_weights;
  for (const Stage& stage : stages) {
    if (stage.has_weights()) with_weights.push_back(stage);
  }
  return with_weights;
}

std::uint64_t Architecture::most_positions() const {
  std::uint64_t most = 1;
  for (const Stage& stage : weight_stages()) {
    most = std::max<std::uint64_t>(most, stage.positions());
  }
  return most;
}

std::uint64_t Architecture::weight_count() const {
  std::uint64_t weights = 0;
  for (const Stage& stage : weight_stages()) {
    weights += std::uint64_t{stage.rows()} * stage.outputs();
  }
  return weights;
}

bool Architecture::is_normalized() const {
  return std::any_of(stages.begin(), stages.end(), [](const Stage& s) { return s.normalized; });
}

Architecture perceptron(std::span<const std::size_t> widths) {
  Architecture architecture;
  architecture.input = {1, 1, widths.front()};
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    Stage stage;
    stage.in = {1, 1, widths[l]};
    stage.out = {1, 1, widths[l + 1]};
    architecture.stages.push_back(stage);
  }
  return architecture;
}

Architecture parse_architecture(const std::string& text, const Where& where) {
  return Reader(text, where).read();
}

}  // namespace imcsim::network
