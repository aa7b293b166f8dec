// task language: language identification by hyperdimensional computing.
// Source: Karunaratne et al. 2020, doi:10.1038/s41928-020-0410-3.
#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "tasks/associative_memory.hpp"
#include "tasks/letters.hpp"
#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::size_t most_classes = 256;

struct LanguageConfig {
  NgramEncoder encoder = NgramEncoder::exclusive;
  std::int64_t ngram = 3;
  std::int64_t dimension = 10000;
  MemoryConfig memory;
};

void describe_texts(LanguageConfig& c, FieldList& f) {
  static constexpr std::string_view paper = "doi:10.1038/s41928-020-0410-3";
  f.group("Text encoding");
  f.field("encoder", c.encoder, Unit::none, {},
          "Encoding of n-grams: exact XOR, or two reads of several rows", paper);
  f.field("ngram", c.ngram, Unit::none, {1.0, 8.0}, "Letters per n-gram", paper);
  f.field("dimension", c.dimension, Unit::bits, {64.0, 100000.0}, "Length of a vector", paper);
  f.mark_common({"encoder", "ngram", "dimension"});
  describe(c.memory, f);
}

struct Text {
  std::size_t language = 0;
  std::vector<std::uint8_t> letters;
};

/// `fra` of `texts/fra.txt`.
std::string stem_of(const std::string& path) {
  const std::size_t slash = path.find_last_of("/\\");
  const std::string file = slash == std::string::npos ? path : path.substr(slash + 1);
  return file.substr(0, file.find_last_of('.'));
}

struct Decision {
  std::size_t device = 0, exact = 0;
  double probability_of_change = 0.0;
};

class Language final : public Task {
 public:
  void describe(FieldList& f) override { describe_texts(config_, f); }
  device::DeviceConfig* device() override { return &config_.memory.cells.device; }
  std::string_view default_device() const override { return "pcm-hermes"; }
  std::vector<InputSpec> inputs() const override {
    return {{"train", "", "Folder of training texts, one file LANGUAGE.txt per language, in UTF-8",
             InputKind::folder, true},
            {"test", "", "Folder of test texts with the same file names; each line is classified",
             InputKind::folder, true}};
  }
  Answer run(const Request& request) override;

 private:
  void read_training(const Request& request);
  void read_tests(const Request& request);
  void train(const TextEncoder& encoder, const Request& request);
  Decision decide(const TextEncoder& encoder, const AssociativeMemory& memory,
                  std::size_t test) const;
  void report(Answer& answer, const std::vector<Decision>& decisions) const;
  void count(Answer& answer, const AssociativeMemory& memory) const;

  LanguageConfig config_;
  std::vector<std::string> languages_;
  std::vector<Text> training_, tests_;
  std::uint64_t skipped_ = 0;
  std::vector<BitVector> classes_;
};

void Language::read_training(const Request& request) {
  for (const Input* input : request.all("train")) {
    const std::string language = stem_of(input->name);
    if (std::find(languages_.begin(), languages_.end(), language) != languages_.end()) {
      throw InputError(input->name, "is a second file for this language", "one file per language");
    }
    Text text{languages_.size(), letters_of(input->bytes, input->name)};
    if (text.letters.size() < static_cast<std::size_t>(config_.ngram)) {
      throw InputError(input->name, "contains no text", "letters of the supported alphabet");
    }
    languages_.push_back(language);
    training_.push_back(std::move(text));
  }
  if (languages_.size() < 2 || languages_.size() > most_classes) {
    throw InputError(at_field("train"), fmt::format("number of languages is {}", languages_.size()),
                     fmt::format("2 to {} files LANGUAGE.txt", most_classes));
  }
}

void Language::read_tests(const Request& request) {
  for (const Input* input : request.all("test")) {
    const std::string language = stem_of(input->name);
    const auto found = std::find(languages_.begin(), languages_.end(), language);
    if (found == languages_.end()) {
      throw InputError(input->name, "belongs to a language without training text",
                       suggest(language, languages_));
    }
    const auto number = static_cast<std::size_t>(found - languages_.begin());
    for (std::size_t from = 0; from < input->bytes.size();) {
      const auto rest = input->bytes.subspan(from);
      const auto length =
          static_cast<std::size_t>(std::find(rest.begin(), rest.end(), '\n') - rest.begin());
      from += length + 1;
      Text text{number, letters_of(rest.first(length), input->name)};
      const bool enough = text.letters.size() >= static_cast<std::size_t>(config_.ngram);
      if (enough) tests_.push_back(std::move(text));
      skipped_ += enough ? 0 : 1;
    }
  }
  if (tests_.empty()) throw InputError(at_field("test"), "no text to classify", "lines of letters");
}

void Language::train(const TextEncoder& encoder, const Request& request) {
  classes_.resize(languages_.size());
  parallel_for(request.execution.threads, classes_.size(), [&](std::size_t c) {
    classes_[c] = encoder.class_vector(encoder.bundle(training_[c].letters));
  });
}

Decision Language::decide(const TextEncoder& encoder, const AssociativeMemory& memory,
                          std::size_t test) const {
  const BitVector query = encoder.query_vector(encoder.bundle(tests_[test].letters));
  const std::vector<std::uint64_t> exact = memory.exact(query);
  const std::vector<double> found = memory.similarities_us(query, test);
  Decision decision;
  decision.exact =
      static_cast<std::size_t>(std::max_element(exact.begin(), exact.end()) - exact.begin());
  decision.device =
      static_cast<std::size_t>(std::max_element(found.begin(), found.end()) - found.begin());
  decision.probability_of_change = 1.0 - memory.probability_of_best(exact, count_ones(query));
  return decision;
}

void Language::report(Answer& answer, const std::vector<Decision>& decisions) const {
  const std::size_t n = languages_.size();
  std::vector<std::uint32_t> confusion(n * n, 0);
  std::vector<std::uint32_t> predictions;
  std::vector<std::int64_t> exact_right(n, 0);
  std::uint64_t differing = 0;
  double expected = 0.0;
  for (std::size_t k = 0; k < decisions.size(); ++k) {
    const std::size_t is = tests_[k].language;
    ++confusion[is * n + decisions[k].device];
    exact_right[is] += decisions[k].exact == is ? 1 : 0;
    predictions.push_back(static_cast<std::uint32_t>(decisions[k].device));
    differing += decisions[k].exact != decisions[k].device ? 1 : 0;
    expected += decisions[k].probability_of_change;
  }
  Table table{{"language", "tests", "right", "exact_right", "accuracy", "mostly_taken_for"}, {}};
  Bars bars{"correctly classified texts by language", {}};
  std::int64_t right = 0;
  std::int64_t all_exact_right = 0;
  for (std::size_t is = 0; is < n; ++is) {
    std::int64_t tests = 0;
    std::size_t other = is;
    for (std::size_t c = 0; c < n; ++c) {
      const std::uint32_t count = confusion[is * n + c];
      tests += count;
      if (c != is && count > (other == is ? 0 : confusion[is * n + other])) other = c;
    }
    if (tests == 0) continue;
    const auto own = static_cast<std::int64_t>(confusion[is * n + is]);
    const double accuracy = static_cast<double>(own) / static_cast<double>(tests);
    right += own;
    all_exact_right += exact_right[is];
    table.rows.push_back({languages_[is], tests, own, exact_right[is], accuracy,
                          other == is ? std::string() : languages_[other]});
    bars.bars.emplace_back(languages_[is], accuracy);
  }
  const auto tests = static_cast<double>(decisions.size());
  answer.results = {{"accuracy", static_cast<double>(right) / tests},
                    {"languages", integer(n)},
                    {"tests", integer(decisions.size())},
                    {"skipped_lines", integer(skipped_)},
                    {"by_language", table}};
  answer.table = "by_language";
  answer.exact = {{"accuracy", static_cast<double>(all_exact_right) / tests}};
  answer.error = static_cast<double>(differing) / tests;
  answer.predicted_error = expected / tests;
  answer.pictures.emplace_back(std::move(bars));
  answer.arrays = {{"predictions", predictions, 1, predictions.size()},
                   {"confusion", confusion, n, n}};
}

void Language::count(Answer& answer, const AssociativeMemory& memory) const {
  const auto dimension = static_cast<std::uint64_t>(config_.dimension);
  const auto ngram = static_cast<std::uint64_t>(config_.ngram);
  const auto ngrams_of = [&](const std::vector<Text>& texts) {
    std::uint64_t ngrams = 0;
    for (const Text& text : texts) ngrams += text.letters.size() - ngram + 1;
    return ngrams;
  };
  const std::uint64_t queried = ngrams_of(tests_);
  const std::uint64_t all = queried + ngrams_of(training_);
  const auto encoding = [&](std::uint64_t ngrams) {
    OperationCounts counts;
    counts.cells_read = ngrams * ngram * dimension;
    counts.digital_mac = ngrams * dimension;  // increments of the counters
    counts.digital_bytes = ngrams * ((dimension + 7) / 8);
    return counts;
  };
  OperationCounts queries;
  for (std::size_t k = 0; k < tests_.size(); ++k) queries += memory.counts_of_query();
  answer.counts = encoding(all);
  answer.counts += queries;
  answer.counts += memory.writing();
  answer.sample_counts = encoding(queried);
  answer.sample_counts += queries;
  answer.samples = tests_.size();
  answer.sample = "text";
  const std::uint64_t bytes = (dimension + 7) / 8;
  const std::uint64_t looked_up = tests_.size() * languages_.size();
  answer.von_neumann = {(all * ngram + looked_up) * bytes,
                        (all * ngram + looked_up) * words_of(static_cast<std::size_t>(dimension))};
  answer.results.push_back({"letters", integer(all)});
  answer.results.push_back({"arrays", integer(memory.arrays())});
  answer.results.push_back({"bit_error", memory.bit_error()});
}

Answer Language::run(const Request& request) {
  read_training(request);
  read_tests(request);
  const TextEncoder encoder(config_.encoder, static_cast<std::size_t>(config_.dimension),
                            static_cast<std::size_t>(config_.ngram), letter_count,
                            Stream(request.seed, Purpose::task_data));
  Answer answer;
  train(encoder, request);
  if (!request.observer.should_continue({1, 3})) return answer;
  const AssociativeMemory memory(config_.memory, classes_, encoder.dimension(), request.seed,
                                 request.execution);
  if (!request.observer.should_continue({2, 3})) return answer;
  std::vector<Decision> decisions(tests_.size());
  parallel_for(request.execution.threads, tests_.size(),
               [&](std::size_t k) { decisions[k] = decide(encoder, memory, k); });
  request.observer.should_continue({3, 3});
  report(answer, decisions);
  count(answer, memory);
  answer.remarks.emplace_back(
      "Vectors of letters are read bit by bit (bit_error) and then treated as exact; device noise "
      "affects only the associative memory.");
  return answer;
}

}  // namespace

std::span<const TaskEntry> language_entries() {
  static constexpr TaskEntry entries[] = {
      {"task", "language", "Identify the language of texts with hyperdimensional computing",
       "Letters are random bit vectors; a text is the majority of its n-gram vectors. The array\n"
       "stores one vector per language; one product finds the most similar vector to a text.",
       "  imcsim task language --train data/examples/languages/train --test "
       "data/examples/languages/test\n"
       "  imcsim task language --train data/examples/languages/train --test "
       "data/examples/languages/test --encoder 2-minterm --ngram 4\n",
       [](std::string_view) -> std::unique_ptr<Task> { return std::make_unique<Language>(); }}};
  return entries;
}

}  // namespace imcsim::tasks
