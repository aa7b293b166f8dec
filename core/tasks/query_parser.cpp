#include "tasks/query_parser.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/error.hpp"

namespace imcsim::tasks {
namespace {

struct QueryToken {
  enum class Kind { word, quoted, sign, end } kind = Kind::end;
  std::string text;
  std::size_t at = 0;  ///< position of its first letter, from 1
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_sign(char c) { return std::string_view("=!<>(),").find(c) != std::string_view::npos; }

class QueryParser {
 public:
  QueryParser(std::string_view text, const Where& where) : text_(text), where_(where) { cut(); }

  Query parse() {
    Query query = disjunction(0);
    if (now().kind != QueryToken::Kind::end) refuse("AND, OR or the end");
    return query;
  }

 private:
  static constexpr std::size_t deepest = 200;

  [[noreturn]] void refuse_at(std::size_t at, const std::string& what,
                              const std::string& expected) const {
    throw InputError(where_, fmt::format("{} at character {}", what, at), expected);
  }
  [[noreturn]] void refuse(const std::string& expected) const {
    const QueryToken& token = now();
    refuse_at(
        token.at,
        token.kind == QueryToken::Kind::end ? "unexpected end" : fmt::format("\"{}\"", token.text),
        expected);
  }

  void cut() {
    std::size_t i = 0;
    while (i < text_.size()) {
      const char c = text_[i];
      if (is_space(c)) {
        i += 1;
      } else if (c == '"' || c == '\'') {
        const std::size_t end = text_.find(c, i + 1);
        if (end == std::string_view::npos) refuse_at(i + 1, "unclosed quote", "a closing quote");
        tokens_.push_back(
            {QueryToken::Kind::quoted, std::string(text_.substr(i + 1, end - i - 1)), i + 1});
        i = end + 1;
      } else {
        std::size_t end = i + 1;
        const bool sign = is_sign(c);
        if (sign && end < text_.size()) {
          const std::string_view two = text_.substr(i, 2);
          if (two == "==" || two == "!=" || two == "<>" || two == "<=" || two == ">=") end += 1;
        }
        while (!sign && end < text_.size() && !is_space(text_[end]) && !is_sign(text_[end])) ++end;
        tokens_.push_back({sign ? QueryToken::Kind::sign : QueryToken::Kind::word,
                           std::string(text_.substr(i, end - i)), i + 1});
        i = end;
      }
    }
    tokens_.push_back({QueryToken::Kind::end, "", text_.size() + 1});
  }

  const QueryToken& now() const { return tokens_[next_]; }
  bool is_keyword(const QueryToken& token) const {
    return token.kind == QueryToken::Kind::word &&
           (token.text == "AND" || token.text == "OR" || token.text == "NOT");
  }
  bool take_word(std::string_view word) {
    if (now().kind != QueryToken::Kind::word || now().text != word) return false;
    next_ += 1;
    return true;
  }
  bool take_sign(std::string_view sign) {
    if (now().kind != QueryToken::Kind::sign || now().text != sign) return false;
    next_ += 1;
    return true;
  }

  Query disjunction(std::size_t depth) {
    return list(QueryKind::disjunction, "OR",
                [&] { return list(QueryKind::conjunction, "AND", [&] { return term(depth); }); });
  }

  template <class Part>
  Query list(QueryKind kind, std::string_view word, Part part) {
    Query first = part();
    if (now().kind != QueryToken::Kind::word || now().text != word) return first;
    Query query{kind, {std::move(first)}, {}, {}, {}};
    while (take_word(word)) query.parts.push_back(part());
    return query;
  }

  Query term(std::size_t depth) {
    if (depth > deepest) refuse("fewer parentheses");
    if (take_word("NOT")) return {QueryKind::negation, {term(depth + 1)}, {}, {}, {}};
    if (take_sign("(")) {
      Query query = disjunction(depth + 1);
      if (!take_sign(")")) refuse("\")\"");
      return query;
    }
    return predicate();
  }

  /// Words joined by single spaces, or quoted text.
  std::string phrase(const std::string& expected) {
    if (now().kind == QueryToken::Kind::quoted) return tokens_[next_++].text;
    std::string text;
    while (now().kind == QueryToken::Kind::word && !is_keyword(now()) && !is_in()) {
      if (!text.empty()) text += ' ';
      text += tokens_[next_++].text;
    }
    if (text.empty()) refuse(expected);
    return text;
  }

  /// IN is a keyword only before a parenthesis: `Speed in knots` is a name.
  bool is_in() const {
    const QueryToken& token = now();
    return token.kind == QueryToken::Kind::word && (token.text == "IN" || token.text == "in") &&
           tokens_[next_ + 1].kind == QueryToken::Kind::sign && tokens_[next_ + 1].text == "(";
  }

  std::optional<Comparison> comparison() {
    static constexpr std::array<std::pair<std::string_view, Comparison>, 8> signs = {
        {{"=", Comparison::equal},
         {"==", Comparison::equal},
         {"!=", Comparison::unequal},
         {"<>", Comparison::unequal},
         {"<", Comparison::less},
         {"<=", Comparison::less_equal},
         {">", Comparison::greater},
         {">=", Comparison::greater_equal}}};
    for (const auto& [sign, found] : signs) {
      if (take_sign(sign)) return found;
    }
    return std::nullopt;
  }

  Query predicate() {
    Query query;
    query.column = phrase("a column, NOT or \"(\"");
    if (is_in()) {
      next_ += 2;
      query.comparison = Comparison::in;
      do {
        query.values.push_back(phrase("a value"));
      } while (take_sign(","));
      if (!take_sign(")")) refuse("\",\" or \")\"");
      return query;
    }
    const std::optional<Comparison> found = comparison();
    if (!found) refuse("= != < <= > >= or IN after the column; AND, OR, NOT in capitals");
    query.comparison = *found;
    query.values.push_back(phrase("a value"));
    return query;
  }

  std::string_view text_;
  Where where_;
  std::vector<QueryToken> tokens_;
  std::size_t next_ = 0;
};

}  // namespace

Query parse_query(std::string_view text, const Where& where) {
  return QueryParser(text, where).parse();
}

}  // namespace imcsim::tasks
