#pragma once

#include <string_view>

namespace imcsim {

inline constexpr std::string_view version = IMCSIM_VERSION;

}  // namespace imcsim
