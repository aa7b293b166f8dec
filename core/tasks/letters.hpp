#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace imcsim::tasks {

/// Space and a … z.
inline constexpr std::size_t letter_count = 27;

/// Converts a UTF-8 text to numbers 0 (space) to 26 (z): Latin letters lose case and diacritics
/// (composed or not), ß becomes ss, æ ae, þ th; Greek and Bulgarian letters are transliterated;
/// everything else becomes a space, and several spaces become one. Leading and trailing spaces are
/// dropped. Throws InputError{where, …} if the bytes are not UTF-8.
std::vector<std::uint8_t> letters_of(std::span<const std::uint8_t> text, const std::string& where);

}  // namespace imcsim::tasks
