#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace imcsim::tasks {

/// Space and a … z.
inline constexpr std::size_t letter_count = 27;

/// A text of UTF-8 as numbers of 0 (space) to 26 (z): Latin letters lose their case and marks
/// (composed or not), ß becomes ss, æ ae, þ th; Greek and Bulgarian letters are transliterated;
/// everything else is a space, and several spaces are one. None at both ends. Throws
/// InputError{where, …} where the bytes are no UTF-8.
std::vector<std::uint8_t> letters_of(std::span<const std::uint8_t> text, const std::string& where);

}  // namespace imcsim::tasks
