#include "tasks/letters.hpp"

#include <algorithm>
#include <string_view>

#include "base/error.hpp"

namespace imcsim::tasks {
namespace {

/// Letters in both cases, as UTF-8, and their transliteration.
struct Spelling {
  std::string_view letters;
  std::string_view latin;
};
constexpr Spelling spellings[] = {
    // Latin letters with diacritics.
    {"ÀÁÂÃÄÅĀĂĄǍǞǠǺȀȂȦàáâãäåāăąǎǟǡǻȁȃȧ", "a"},
    {"ÇĆĈĊČçćĉċč", "c"},
    {"ĎĐÐďđð", "d"},
    {"ÈÉÊËĒĔĖĘĚȄȆȨèéêëēĕėęěȅȇȩ", "e"},
    {"ĜĞĠĢǤǦǴĝğġģǥǧǵ", "g"},
    {"ĤĦȞĥħȟ", "h"},
    {"ÌÍÎÏĨĪĬĮİǏȈȊìíîïĩīĭįıǐȉȋ", "i"},
    {"Ĵĵǰ", "j"},
    {"ĶǨķǩ", "k"},
    {"ĹĻĽĿŁĺļľŀł", "l"},
    {"ÑŃŅŇǸñńņňǹ", "n"},
    {"ÒÓÔÕÖØŌŎŐƠǑǪǬǾȌȎȪȬȮȰòóôõöøōŏőơǒǫǭǿȍȏȫȭȯȱ", "o"},
    {"ŔŖŘȐȒŕŗřȑȓ", "r"},
    {"ŚŜŞŠȘśŝşšș", "s"},
    {"ŢŤŦȚţťŧț", "t"},
    {"ÙÚÛÜŨŪŬŮŰŲƯǓǕǗǙǛȔȖùúûüũūŭůűųưǔǖǘǚǜȕȗ", "u"},
    {"Ŵŵ", "w"},
    {"ÝŶŸȲýÿŷȳ", "y"},
    {"ŹŻŽźżž", "z"},
    {"ẞß", "ss"},
    {"ÆǢǼæǣǽ", "ae"},
    {"Œœ", "oe"},
    {"Þþ", "th"},
    // Greek.
    {"ΑΆαά", "a"},
    {"Ββ", "v"},
    {"Γγ", "g"},
    {"Δδ", "d"},
    {"ΕΈεέ", "e"},
    {"Ζζ", "z"},
    {"ΗΉΙΊΪηήιίϊΐ", "i"},
    {"Θθ", "th"},
    {"Κκ", "k"},
    {"Λλ", "l"},
    {"Μμ", "m"},
    {"Νν", "n"},
    {"Ξξ", "x"},
    {"ΟΌΩΏοόωώ", "o"},
    {"Ππ", "p"},
    {"Ρρ", "r"},
    {"Σσς", "s"},
    {"Ττ", "t"},
    {"ΥΎΫυύϋΰ", "y"},
    {"Φφ", "f"},
    {"Χχ", "ch"},
    {"Ψψ", "ps"},
    // Bulgarian.
    {"АаЪъ", "a"},
    {"Бб", "b"},
    {"Вв", "v"},
    {"Гг", "g"},
    {"Дд", "d"},
    {"Ее", "e"},
    {"Жж", "zh"},
    {"Зз", "z"},
    {"ИЍЙиѝй", "i"},
    {"Кк", "k"},
    {"Лл", "l"},
    {"Мм", "m"},
    {"Нн", "n"},
    {"Оо", "o"},
    {"Пп", "p"},
    {"Рр", "r"},
    {"Сс", "s"},
    {"Тт", "t"},
    {"Уу", "u"},
    {"Фф", "f"},
    {"Хх", "h"},
    {"Цц", "ts"},
    {"Чч", "ch"},
    {"Шш", "sh"},
    {"Щщ", "sht"},
    {"Ьь", "y"},
    {"Юю", "yu"},
    {"Яя", "ya"},
};

/// Letters with several diacritics, by Unicode blocks, from the first code point on.
struct LetterBlock {
  char32_t first;
  std::string_view latin;
};
constexpr LetterBlock blocks[] = {
    // Latin Extended Additional.
    {0x1E00, "a"},
    {0x1E02, "b"},
    {0x1E08, "c"},
    {0x1E0A, "d"},
    {0x1E14, "e"},
    {0x1E1E, "f"},
    {0x1E20, "g"},
    {0x1E22, "h"},
    {0x1E2C, "i"},
    {0x1E30, "k"},
    {0x1E36, "l"},
    {0x1E3E, "m"},
    {0x1E44, "n"},
    {0x1E4C, "o"},
    {0x1E54, "p"},
    {0x1E58, "r"},
    {0x1E60, "s"},
    {0x1E6A, "t"},
    {0x1E72, "u"},
    {0x1E7C, "v"},
    {0x1E80, "w"},
    {0x1E8A, "x"},
    {0x1E8E, "y"},
    {0x1E90, "z"},
    {0x1E96, "h"},
    {0x1E97, "t"},
    {0x1E98, "w"},
    {0x1E99, "y"},
    {0x1E9A, "a"},
    {0x1E9B, "s"},
    {0x1E9F, ""},
    {0x1EA0, "a"},
    {0x1EB8, "e"},
    {0x1EC8, "i"},
    {0x1ECC, "o"},
    {0x1EE4, "u"},
    {0x1EF2, "y"},
    {0x1EFA, ""},
    // Greek Extended.
    {0x1F00, "a"},
    {0x1F10, "e"},
    {0x1F20, "i"},
    {0x1F40, "o"},
    {0x1F50, "y"},
    {0x1F60, "o"},
    {0x1F70, "a"},
    {0x1F72, "e"},
    {0x1F74, "i"},
    {0x1F78, "o"},
    {0x1F7A, "y"},
    {0x1F7C, "o"},
    {0x1F80, "a"},
    {0x1F90, "i"},
    {0x1FA0, "o"},
    {0x1FB0, "a"},
    {0x1FBD, ""},
    {0x1FC2, "i"},
    {0x1FC8, "e"},
    {0x1FCA, "i"},
    {0x1FCD, ""},
    {0x1FD0, "i"},
    {0x1FDD, ""},
    {0x1FE0, "y"},
    {0x1FE4, "r"},
    {0x1FE6, "y"},
    {0x1FEC, "r"},
    {0x1FED, ""},
    {0x1FF2, "o"},
    {0x1FF8, "o"},
    {0x1FFD, ""},
};

/// Reads the code point at `at` and advances; 0xFFFFFFFF if it is invalid.
char32_t next_code(std::span<const std::uint8_t> text, std::size_t& at) {
  constexpr char32_t none = 0xFFFFFFFF;
  const std::uint8_t lead = text[at++];
  if (lead < 0x80) return lead;
  const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0;
  if (more == 0 || lead > 0xF4 || text.size() - at < static_cast<std::size_t>(more)) return none;
  char32_t code = lead & (0x3FU >> more);
  for (int k = 0; k < more; ++k) {
    const std::uint8_t byte = text[at++];
    if ((byte & 0xC0U) != 0x80U) return none;
    code = code << 6U | (byte & 0x3FU);
  }
  return code;
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

struct Known {
  char32_t code;
  std::string_view latin;
};

/// All letters of `spellings`, by code point.
const std::vector<Known>& known_letters() {
  static const std::vector<Known> all = [] {
    std::vector<Known> known;
    for (const Spelling& spelling : spellings) {
      const std::span<const std::uint8_t> letters = bytes_of(spelling.letters);
      for (std::size_t at = 0; at < letters.size();) {
        known.push_back({next_code(letters, at), spelling.latin});
      }
    }
    std::sort(known.begin(), known.end(),
              [](const Known& a, const Known& b) { return a.code < b.code; });
    return known;
  }();
  return all;
}

/// Transliteration of a code point beyond ASCII; empty: a space.
std::string_view latin_of(char32_t code) {
  const std::vector<Known>& known = known_letters();
  const auto found = std::lower_bound(known.begin(), known.end(), code,
                                      [](const Known& k, char32_t c) { return k.code < c; });
  if (found != known.end() && found->code == code) return found->latin;
  std::string_view latin;
  for (const LetterBlock& block : blocks) {
    if (code >= block.first) latin = block.latin;
  }
  return latin;
}

bool is_mark(char32_t code) { return code >= 0x300 && code <= 0x36F; }

}  // namespace

std::vector<std::uint8_t> letters_of(std::span<const std::uint8_t> text, const std::string& where) {
  std::vector<std::uint8_t> letters;
  const auto push = [&](std::uint8_t letter) {
    const bool second_space = letter == 0 && (letters.empty() || letters.back() == 0);
    if (!second_space) letters.push_back(letter);
  };
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code = next_code(text, at);
    if (code > 0x10FFFF) throw InputError(where, "is not valid text", "UTF-8");
    const char32_t lower = code >= 'A' && code <= 'Z' ? code + ('a' - 'A') : code;
    if (lower >= 'a' && lower <= 'z') {
      push(static_cast<std::uint8_t>(lower - 'a' + 1));
    } else if (!is_mark(code)) {
      const std::string_view latin = code < 0x80 ? std::string_view() : latin_of(code);
      if (latin.empty()) push(0);
      for (const char letter : latin) push(static_cast<std::uint8_t>(letter - 'a' + 1));
    }
  }
  if (!letters.empty() && letters.back() == 0) letters.pop_back();
  return letters;
}

}  // namespace imcsim::tasks
