#include "task_output.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "npy.hpp"
#include "study/safetensors.hpp"
#include "study/task_study.hpp"

namespace imcsim::cli {
namespace {

constexpr std::size_t task_rows = 24;
constexpr std::size_t image_width = 64;

std::string drawn(const tasks::Curve& curve, const Style& style) {
  return xy_plot({curve.title, curve.x, curve.y, curve.log_x, curve.log_y, false}, curve.x_label,
                 style);
}

std::string drawn(const tasks::Bars& bars, const Style& style) {
  double most = 0.0;
  std::size_t width = 0;
  for (const auto& [name, value] : bars.bars) {
    most = std::max(most, value);
    width = std::max(width, display_width(name));
  }
  std::string text = style.bold(bars.title) + "\n";
  for (const auto& [name, value] : bars.bars) {
    text += fmt::format("{}{}  {} {:.4g}\n", name, std::string(width - display_width(name), ' '),
                        style.accent(bar(most > 0.0 ? value / most : 0.0, 40)), value);
  }
  return text;
}

/// Mean of the pixels in a rectangle.
double mean_of(const tasks::GrayImage& image, std::size_t x0, std::size_t x1, std::size_t y0,
               std::size_t y1) {
  double sum = 0.0;
  for (std::size_t y = y0; y < y1; ++y) {
    for (std::size_t x = x0; x < x1; ++x) sum += image.pixels[y * image.width + x];
  }
  return sum / static_cast<double>((x1 - x0) * (y1 - y0));
}

/// Characters are twice as high as wide: each shows two points, one above the other.
std::string drawn(const tasks::GrayImage& image, const Style& style) {
  std::string text = style.bold(image.title) + "\n";
  const std::size_t columns = std::min(image.width, image_width);
  if (columns == 0 || image.height == 0) return text;
  const std::size_t rows = std::max<std::size_t>(1, image.height * columns / (2 * image.width));
  const auto point = [&](std::size_t r, std::size_t c) {
    const std::size_t y0 = std::min(r * image.height / (2 * rows), image.height - 1);
    const std::size_t y1 = std::max(y0 + 1, (r + 1) * image.height / (2 * rows));
    const std::size_t x0 = c * image.width / columns;
    const std::size_t x1 = std::max(x0 + 1, (c + 1) * image.width / columns);
    return static_cast<std::uint8_t>(mean_of(image, x0, x1, y0, y1));
  };
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      text += style.grays(point(2 * r, c), point(2 * r + 1, c));
    }
    text += style.plain() + "\n";
  }
  return text;
}

std::string cut_table(std::vector<std::vector<std::string>> rows, const Style& style) {
  if (rows.empty()) return {};
  const std::size_t all = rows.size() - 1;
  rows.resize(std::min(rows.size(), task_rows + 1));
  std::string text = aligned_table(rows, style);
  if (all > task_rows) text += style.dim(fmt::format("… {} rows; --csv prints all\n", all));
  return text + "\n";
}

}  // namespace

std::string text_of_task(study::TaskConfig& config, const study::TaskStudy& study,
                         const Timing& timing, const Style& style) {
  const tasks::Answer& answer = study.answer;
  std::string text = cut_table(study::table_rows(answer, true), style);
  for (const tasks::Picture& picture : answer.pictures) {
    const std::string shown =
        std::visit([&](const auto& own) { return drawn(own, style); }, picture);
    if (!shown.empty()) text += shown + "\n";
  }
  auto lines = study::figure_rows(answer, true);
  lines.erase(lines.begin());
  const std::string cost = study::cost_words(study::task_cost_json(config, study), answer.sample);
  if (!cost.empty()) lines.push_back({"energy", cost});
  lines.push_back({"von Neumann", fmt::format("{} bytes moved, {} operations",
                                              grouped(answer.von_neumann.bytes_moved),
                                              grouped(answer.von_neumann.operations))});
  lines.push_back({"digest", study::digest_text(study.digest)});
  lines.push_back({"time", fmt::format("{:.2f} s", timing.wall_s)});
  std::size_t width = 0;
  for (const auto& line : lines) width = std::max(width, line[0].size());
  for (const auto& line : lines) {
    text += fmt::format("{}  {}\n", style.bold(fmt::format("{:<{}}", line[0], width)), line[1]);
  }
  for (const std::string& remark : answer.remarks) text += style.dim(remark) + "\n";
  return text;
}

NamedFiles files_of_task(study::TaskConfig& config, study::TaskStudy& study,
                         const study::Origins& origins) {
  NamedFiles files = {{"config.toml", study::to_toml(fields_of(config), origins)}};
  const auto table = study::table_rows(study.answer, false);
  if (!table.empty()) files.emplace_back(study.answer.table + ".csv", csv_of(table));
  files.emplace_back("figures.csv", csv_of(study::figure_rows(study.answer, false)));
  for (tasks::NamedArray& array : study.answer.arrays) {
    files.emplace_back(array.name + ".npy", npy_of(study::view_of(array)));
  }
  for (const tasks::OutputFile& file : study.answer.files) {
    files.emplace_back(file.name, file.bytes);
  }
  return files;
}

}  // namespace imcsim::cli
