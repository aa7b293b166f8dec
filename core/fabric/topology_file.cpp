// Parser of topology files.
#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "base/error.hpp"
#include "fabric/topology.hpp"

namespace imcsim::fabric {
namespace {

constexpr std::size_t most_cores = 2048;
constexpr std::size_t most_links = std::size_t{1} << 18;

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  constexpr std::string_view blank = " \t\r,;";
  for (std::size_t at = 0; (at = line.find_first_not_of(blank, at)) != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(blank, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

class Reader {
 public:
  explicit Reader(const std::string& name) : name_(name) {}

  void read_line(std::string_view line) {
    ++line_;
    const std::vector<std::string_view> words = words_of(line.substr(0, line.find('#')));
    if (words.empty()) return;
    if (words[0] == "cores") return read_cores(words);
    if (!cores_) fail(fmt::format("\"{}\" before the number of cores", words[0]), "cores N");
    if (words[0] == "at") return read_place(words);
    read_link(words);
  }

  Topology result() {
    if (!cores_) {
      throw InputError(name_, "has no number of cores", "a line \"cores N\", then lines \"A B\"");
    }
    Topology topology;
    topology.name = name_;
    topology.routers = *cores_;
    for (std::size_t c = 0; c < *cores_; ++c) {
      topology.router_of_core.push_back(static_cast<std::uint32_t>(c));
    }
    topology.places = placed_ ? places_ : on_circle(*cores_);
    finish(topology, links_);
    if (!is_connected(topology)) {
      throw InputError(name_, "has cores that are not connected", "links that connect all cores");
    }
    return topology;
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& expected) const {
    throw InputError(fmt::format("{}:{}", name_, line_), what, expected);
  }

  template <class Number>
  Number number(std::string_view word, double low, double high) const {
    Number value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() ||
        static_cast<double>(value) < low || static_cast<double>(value) > high) {
      fail(fmt::format("\"{}\" is not a number from {} to {}", word, low, high),
           "cores N | A B | at A X Y");
    }
    return value;
  }

  std::uint32_t core(std::string_view word) const {
    return number<std::uint32_t>(word, 0.0, static_cast<double>(*cores_ - 1));
  }

  void read_cores(const std::vector<std::string_view>& words) {
    if (words.size() != 2 || cores_) fail("invalid number of cores", "one line \"cores N\"");
    cores_ = number<std::size_t>(words[1], 2.0, static_cast<double>(most_cores));
    places_.resize(*cores_);
  }

  void read_place(const std::vector<std::string_view>& words) {
    if (words.size() != 4) fail("position does not have three numbers", "at A X Y");
    const std::uint32_t which = core(words[1]);
    places_[which] = {static_cast<double>(number<std::int64_t>(words[2], -1e5, 1e5)),
                      static_cast<double>(number<std::int64_t>(words[3], -1e5, 1e5))};
    placed_ = true;
  }

  void read_link(const std::vector<std::string_view>& words) {
    if (words.size() != 2)
      fail(fmt::format("number of words is {}", words.size()), "two cores: A B");
    const std::uint32_t a = core(words[0]);
    const std::uint32_t b = core(words[1]);
    if (a == b) fail(fmt::format("core {} is linked to itself", a), "two different cores");
    if (links_.size() >= most_links) fail("too many links", fmt::format("at most {}", most_links));
    links_.emplace_back(a, b);
  }

  std::string name_;
  std::size_t line_ = 0;
  std::optional<std::size_t> cores_;
  std::vector<RouterPair> links_;
  std::vector<Place> places_;
  bool placed_ = false;
};

}  // namespace

Topology parse_topology(std::string_view text, const std::string& name) {
  Reader reader(name);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    reader.read_line(text.substr(at, end - at));
    at = end + 1;
  }
  return reader.result();
}

}  // namespace imcsim::fabric
