// Results of the bindings as JSON texts; errors are JSON, too, not exceptions.
#pragma once

#include <new>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.hpp"
#include "study/json.hpp"
#include "study/task_study.hpp"

namespace imcsim::web {

inline std::string text_of(const study::Json& json) {
  return json.dump(-1, ' ', false, study::Json::error_handler_t::replace);
}

inline study::Json problem_json(const std::string& where, const std::string& what,
                                const std::string& expected) {
  return {{"error", {{"where", where}, {"what", what}, {"expected", expected}}}};
}

/// The JSON result of `work`, or its error; `where` is the place of an error that names none.
template <class Work>
std::string answered(const std::string& where, Work work) {
  try {
    return text_of(work());
  } catch (const InputError& e) {
    return text_of(problem_json(e.where(), e.problem(), e.expected()));
  } catch (const std::bad_alloc&) {
    return text_of(problem_json("memory", "allocation failed", "a smaller problem"));
  } catch (const std::exception& e) {
    return text_of(problem_json(where, e.what(), ""));
  }
}

}  // namespace imcsim::web
