// Parser of structural Verilog with NOR gates.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

#include "base/error.hpp"
#include "tasks/netlist.hpp"

namespace imcsim::tasks {
namespace {

struct Token {
  std::string text;
  std::size_t line = 1;
};

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

/// Words, escaped names without their backslash, and single signs; comments are skipped.
std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  std::size_t line = 1;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '\n') line += 1;
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      i += 1;
    } else if (text.substr(i, 2) == "//") {
      i = std::min(text.find('\n', i), text.size());
    } else if (text.substr(i, 2) == "/*") {
      const std::size_t end = std::min(text.find("*/", i), text.size());
      line += static_cast<std::size_t>(std::count(text.begin() + static_cast<std::ptrdiff_t>(i),
                                                  text.begin() + static_cast<std::ptrdiff_t>(end),
                                                  '\n'));
      i = std::min(end + 2, text.size());
    } else {
      std::size_t end = i + 1;
      if (c == '\\') {
        while (end < text.size() && std::isspace(static_cast<unsigned char>(text[end])) == 0) ++end;
        tokens.push_back({std::string(text.substr(i + 1, end - i - 1)), line});
      } else {
        while (is_word(c) && end < text.size() && is_word(text[end])) ++end;
        tokens.push_back({std::string(text.substr(i, end - i)), line});
      }
      i = end;
    }
  }
  return tokens;
}

/// A gate as written in the text.
struct Instance {
  std::string out, a, b;
  std::size_t line = 0;
};

/// Limit on declared wires, because one line of text can declare any number.
constexpr std::size_t most_wires = std::size_t{1} << 20;

class Parser {
 public:
  Parser(std::string_view text, const std::string& file) : file_(file), tokens_(tokens_of(text)) {}

  Netlist parse() {
    while (!at_end()) statement();
    if (!ended_) fail("ends within the module", "endmodule");
    if (outputs_.empty()) fail("has no outputs", "output NAMES;");
    return link();
  }

 private:
  bool at_end() const { return next_ >= tokens_.size(); }
  std::size_t line() const {
    if (tokens_.empty()) return 1;
    return tokens_[std::min(next_ == 0 ? 0 : next_ - 1, tokens_.size() - 1)].line;
  }
  [[noreturn]] void fail_at(std::size_t line, const std::string& what,
                            const std::string& expected) const {
    throw InputError(fmt::format("{}:{}", file_, line), what, expected);
  }
  [[noreturn]] void fail(const std::string& what, const std::string& expected) const {
    fail_at(line(), what, expected);
  }

  const std::string& take() {
    if (at_end()) fail("unexpected end", "endmodule");
    return tokens_[next_++].text;
  }
  bool peek(std::string_view text) const { return !at_end() && tokens_[next_].text == text; }
  void expect(std::string_view text) {
    const std::string found = take();
    if (found != text) fail(fmt::format("\"{}\"", found), fmt::format("\"{}\"", text));
  }
  std::string word() {
    std::string found = take();
    if (found.size() == 1 && !is_word(found[0])) fail(fmt::format("\"{}\"", found), "a name");
    return found;
  }
  std::int64_t number() {
    const std::string digits = word();
    if (digits.empty() || digits.size() > 6 ||
        !std::all_of(digits.begin(), digits.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; })) {
      fail(fmt::format("\"{}\"", digits), "a number");
    }
    return std::stoll(digits);
  }
  /// `name` or `name[3]`.
  std::string wire() {
    std::string name = word();
    if (peek("[")) {
      take();
      name += fmt::format("[{}]", number());
      expect("]");
    }
    return name;
  }

  void statement() {
    const std::string first = word();
    if (first == "module") return module_head();
    if (name_.empty()) fail(fmt::format("\"{}\" before the module", first), "module NAME(...);");
    if (first == "endmodule") {
      ended_ = true;
      if (!at_end()) fail("text after endmodule", "one module");
    } else if (first == "input" || first == "output" || first == "wire") {
      declaration(first);
    } else if (first == "assign") {
      const std::string to = wire();
      expect("=");
      if (renamed_.contains(to))
        fail(fmt::format("\"{}\" is assigned twice", to), "one assignment");
      const std::string from = wire();
      renamed_[to] = {from, "", "", line()};
      expect(";");
    } else {
      gate(first);
    }
  }

  void module_head() {
    if (!name_.empty()) fail("second module", "one module");
    name_ = word();
    if (peek("(")) {
      while (take() != ")") {
      }
    }
    expect(";");
  }

  void declaration(const std::string& kind) {
    std::int64_t high = -1;
    std::int64_t low = 0;
    if (peek("[")) {
      take();
      high = number();
      expect(":");
      low = number();
      expect("]");
      if (high < low) std::swap(high, low);
    }
    do {
      const std::string name = word();
      if (high < 0) declare(kind, name);
      for (std::int64_t i = low; i <= high; ++i) declare(kind, fmt::format("{}[{}]", name, i));
    } while (peek(",") && !take().empty());
    expect(";");
  }

  void declare(const std::string& kind, const std::string& name) {
    if (declared_.size() >= most_wires) fail("too many wires", fmt::format("{}", most_wires));
    if (!declared_.emplace(name, line()).second) {
      fail(fmt::format("\"{}\" is declared twice", name), "one declaration per wire");
    }
    if (kind == "input") inputs_.push_back(name);
    if (kind == "output") outputs_.push_back(name);
  }

  void require_declared(const std::string& name, std::size_t line) const {
    if (declared_.contains(name)) return;
    std::vector<std::string> known;
    for (const auto& [known_name, at] : declared_) known.push_back(known_name);
    fail_at(line, fmt::format("\"{}\" is not declared", name), suggest(name, known));
  }

  void gate(const std::string& type) {
    static constexpr std::array<std::string_view, 4> inverters = {"inv1", "inv", "not", "INV"};
    static constexpr std::array<std::string_view, 3> nors = {"nor2", "nor", "NOR2"};
    const bool is_inverter = std::find(inverters.begin(), inverters.end(), type) != inverters.end();
    const bool is_nor = std::find(nors.begin(), nors.end(), type) != nors.end();
    if (!is_inverter && !is_nor) {
      fail(fmt::format("unknown gate \"{}\"", type), "inv1, not, nor2 or nor");
    }
    Instance instance;
    instance.line = line();
    if (!peek("(")) word();
    expect("(");
    std::vector<std::string> operands;
    bool named = false;
    do {
      if (peek(".")) {
        named = true;
        take();
        const std::string port = word();
        expect("(");
        const std::string at = wire();
        expect(")");
        static constexpr std::array<std::string_view, 8> names = {"O", "o",  "Y",   "y",
                                                                  "Z", "ZN", "out", "q"};
        const bool is_output = std::find(names.begin(), names.end(), port) != names.end();
        (is_output ? instance.out : operands.emplace_back()) = at;
      } else {
        operands.push_back(wire());
      }
    } while (peek(",") && !take().empty());
    expect(")");
    expect(";");
    if (!named && !operands.empty()) {
      instance.out = operands.front();
      operands.erase(operands.begin());
    }
    if (instance.out.empty() || operands.size() != (is_inverter ? 1U : 2U)) {
      fail(fmt::format("\"{}\" with {} inputs{}", type, operands.size(),
                       instance.out.empty() ? " and no output" : ""),
           is_inverter ? "one input, one output" : "two inputs, one output");
    }
    instance.a = operands.front();
    instance.b = operands.back();
    instances_.push_back(instance);
  }

  /// Resolves names to signal numbers.
  Netlist link() {
    Netlist netlist;
    netlist.name = name_;
    netlist.inputs = inputs_;
    netlist.output_names = outputs_;
    std::map<std::string, std::size_t> signals;
    const auto add = [&](const std::string& name, std::size_t line) {
      if (!signals.emplace(name, signals.size()).second) {
        fail_at(line, fmt::format("\"{}\" is driven twice", name), "one driver per wire");
      }
    };
    for (const std::string& input : inputs_) add(input, declared_.at(input));
    for (const Instance& instance : instances_) {
      for (const std::string& name : {instance.out, instance.a, instance.b}) {
        require_declared(name, instance.line);
      }
      add(instance.out, instance.line);
    }
    for (const auto& [name, to] : renamed_) {
      require_declared(name, to.line);
      require_declared(to.out, to.line);
      if (signals.contains(name)) {
        fail_at(to.line, fmt::format("\"{}\" is driven twice", name), "one driver per wire");
      }
    }
    const auto find = [&](const std::string& name, std::size_t line) {
      std::string at = name;
      for (std::size_t k = 0; k <= renamed_.size() && renamed_.contains(at); ++k) {
        at = renamed_[at].out;
      }
      const auto found = signals.find(at);
      if (found != signals.end()) return found->second;
      std::vector<std::string> known;
      known.reserve(signals.size());
      for (const auto& [known_name, number] : signals) known.push_back(known_name);
      fail_at(line, fmt::format("\"{}\" has no driver", name), suggest(name, known));
    };
    for (const Instance& instance : instances_) {
      netlist.gates.push_back({find(instance.a, instance.line), find(instance.b, instance.line)});
    }
    for (const std::string& output : outputs_) {
      netlist.outputs.push_back(find(output, declared_.at(output)));
    }
    refuse_loops(netlist);
    return netlist;
  }

  /// Depth-first search; a gate on its own path closes a loop.
  void refuse_loops(const Netlist& netlist) const {
    enum : std::uint8_t { unseen, on_path, done };
    std::vector<std::uint8_t> state(netlist.signals(), unseen);
    std::fill_n(state.begin(), netlist.inputs.size(), done);
    for (std::size_t s = netlist.inputs.size(); s < netlist.signals(); ++s) {
      std::vector<std::size_t> path = {s};
      while (!path.empty()) {
        const std::size_t top = path.back();
        if (state[top] == done) {
          path.pop_back();
          continue;
        }
        state[top] = on_path;
        const NorGate& gate = netlist.gate_of(top);
        const std::size_t child = state[gate.a] != done ? gate.a : gate.b;
        if (state[child] == done) {
          state[top] = done;
          path.pop_back();
        } else if (state[child] == on_path) {
          const Instance& at = instances_[child - netlist.inputs.size()];
          fail_at(at.line, fmt::format("\"{}\" depends on itself", at.out),
                  "no combinational loop");
        } else {
          path.push_back(child);
        }
      }
    }
  }

  std::string file_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  bool ended_ = false;
  std::string name_;
  std::vector<std::string> inputs_, outputs_;
  std::map<std::string, std::size_t> declared_;  ///< with the line of the declaration
  std::vector<Instance> instances_;
  std::map<std::string, Instance> renamed_;
};

}  // namespace

Netlist parse_netlist(std::string_view text, const std::string& file) {
  return Parser(text, file).parse();
}

}  // namespace imcsim::tasks
