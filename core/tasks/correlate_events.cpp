#include "tasks/correlate_events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/error.hpp"
#include "numeric/events.hpp"
#include "numeric/float_math.hpp"
#include "numeric/random.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::size_t most_processes = 1U << 24U;

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t from = 0;;) {
    const std::size_t at = line.find_first_of(",;", from);
    std::string_view cell = line.substr(from, at == std::string_view::npos ? at : at - from);
    while (!cell.empty() && (cell.front() == ' ' || cell.front() == '"')) cell.remove_prefix(1);
    while (!cell.empty() && (cell.back() == ' ' || cell.back() == '"')) cell.remove_suffix(1);
    cells.push_back(cell);
    if (at == std::string_view::npos) return cells;
    from = at + 1;
  }
}

bool is_bit(std::string_view cell) { return cell == "0" || cell == "1"; }

std::size_t whole(std::string_view cell, const std::string& where, std::size_t most) {
  std::size_t value = 0;
  bool good = !cell.empty() && cell.size() < 10;
  for (const char c : cell) {
    good = good && c >= '0' && c <= '9';
    value = 10 * value + static_cast<std::size_t>(good ? c - '0' : 0);
  }
  if (!good || value >= most) {
    throw InputError(where, fmt::format("\"{}\" is not a valid event number", cell),
                     fmt::format("0 to {}", most - 1));
  }
  return value;
}

/// Appends the active processes in [first, end), each active with probability `rate`.
void draw_range(const Stream& stream, std::uint64_t event, std::size_t first, std::size_t end,
                double rate, std::vector<std::uint32_t>& active) {
  if (rate <= 0.0 || first >= end) return;
  if (rate >= 1.0) {
    for (std::size_t i = first; i < end; ++i) active.push_back(static_cast<std::uint32_t>(i));
    return;
  }
  const float per_gap = 1.0F / numeric::log(static_cast<float>(1.0 - rate));
  std::uint32_t index = 0;
  for (std::size_t at = first;; ++at) {
    const float u = 1.0F - stream.uniform(event, index++);  // (0, 1]
    const float gap = numeric::log(u) * per_gap;
    if (!(gap < static_cast<float>(end - at))) return;
    at += static_cast<std::size_t>(std::max(gap, 0.0F));
    if (at >= end) return;
    active.push_back(static_cast<std::uint32_t>(at));
  }
}

}  // namespace

bool SyntheticEvents::reference(std::size_t step) const {
  return static_cast<double>(Stream(seed, Purpose::task_data, entities::reference_process)
                                 .uniform(events::places(step))) < rate;
}

double SyntheticEvents::rate_given(bool reference) const {
  const double root = std::sqrt(coefficient);
  return reference ? rate + root * (1.0 - rate) : rate * (1.0 - root);
}

double SyntheticEvents::expected_active(bool reference) const {
  return static_cast<double>(correlated) * rate_given(reference) +
         static_cast<double>(process_count - correlated) * rate;
}

void SyntheticEvents::active(std::size_t step, std::size_t block,
                             std::vector<std::uint32_t>& active) const {
  const Stream stream(seed, Purpose::task_data, entities::process_blocks(block));
  const std::size_t first = block * block_size;
  const std::size_t end = std::min(process_count, first + block_size);
  const std::size_t border = std::clamp(correlated, first, end);
  draw_range(stream, events::process_steps(step, 0), first, border, rate_given(reference(step)),
             active);
  draw_range(stream, events::process_steps(step, 1), border, end, rate, active);
}

RecordedEvents::RecordedEvents(std::span<const std::uint8_t> bytes, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  bool pairs = false;
  bool first_row = true;
  std::size_t number = 0;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t at = std::min(text.find('\n', from), text.size());
    std::string_view line = text.substr(from, at - from);
    from = at + 1;
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string_view> cells = cells_of(line);
    const std::string where = fmt::format("{}:{}", name, number);
    if (first_row) {
      first_row = false;
      pairs = cells.size() == 2 && cells[0] == "time" && cells[1] == "process";
      if (!pairs) process_count = cells.size();
      if (!std::all_of(cells.begin(), cells.end(), is_bit)) continue;
    }
    if (pairs) {
      if (cells.size() != 2) throw InputError(where, "is not an event", "time,process");
      const std::size_t step = whole(cells[0], where, most_processes);
      const std::size_t process = whole(cells[1], where, most_processes);
      if (step >= by_step.size()) by_step.resize(step + 1);
      by_step[step].push_back(static_cast<std::uint32_t>(process));
      process_count = std::max(process_count, process + 1);
      continue;
    }
    if (cells.size() != process_count) {
      throw InputError(where, fmt::format("has {} columns", cells.size()),
                       fmt::format("{}, as on the line above", process_count));
    }
    by_step.emplace_back();
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!is_bit(cells[i])) throw InputError(where, fmt::format("\"{}\"", cells[i]), "0 or 1");
      if (cells[i] == "1") by_step.back().push_back(static_cast<std::uint32_t>(i));
    }
  }
  if (process_count < 2 || by_step.empty()) {
    throw InputError(name, "contains no events",
                     "one row of 0 and 1 per step, or lines time,process");
  }
  for (std::vector<std::uint32_t>& step : by_step) {
    std::sort(step.begin(), step.end());
    step.erase(std::unique(step.begin(), step.end()), step.end());
  }
}

void RecordedEvents::active(std::size_t step, std::size_t block,
                            std::vector<std::uint32_t>& active) const {
  for (const std::uint32_t process : by_step[step]) {
    if (process / block_size == block) active.push_back(process);
  }
}

std::size_t RecordedEvents::most_active() const {
  std::size_t most = 0;
  for (const auto& step : by_step) most = std::max(most, step.size());
  return most;
}

}  // namespace imcsim::tasks
