// A drawing of topologies as SVG.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.hpp"
#include "study/topology_study.hpp"

namespace imcsim::study {
namespace {

using fabric::Place;
using fabric::Topology;

constexpr std::size_t most_links = 20000;
constexpr double margin = 44.0;
constexpr double heading = 46.0;
constexpr double legend = 46.0;

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '<')
      safe += "&lt;";
    else if (c == '&')
      safe += "&amp;";
    else if (static_cast<unsigned char>(c) >= 0x20)
      safe += c;
  }
  return safe;
}

/// Color from gray-blue over amber to red for `part` from 0 to 1.
std::string color_of(double part) {
  constexpr double stops[3][3] = {{170, 190, 206}, {240, 170, 50}, {205, 32, 55}};
  const std::size_t from = part < 0.5 ? 0 : 1;
  const double t = 2.0 * part - static_cast<double>(from);
  int rgb[3];
  for (std::size_t c = 0; c < 3; ++c) {
    rgb[c] = static_cast<int>(stops[from][c] + t * (stops[from + 1][c] - stops[from][c]));
  }
  return fmt::format("#{:02x}{:02x}{:02x}", rgb[0], rgb[1], rgb[2]);
}

/// A link with the loads of both directions.
struct DrawnLink {
  std::uint32_t a = 0, b = 0;
  double there = 0.0, back = 0.0;
  double load() const { return std::max(there, back); }
};

/// The drawing of one topology; its positions are in pixels.
class Panel {
 public:
  explicit Panel(const TopologyReport& report) : report_(report), topology_(report.topology) {
    scale_places();
    collect_links();
  }

  double width() const { return std::max(width_ + 2 * margin, 400.0); }
  double height() const { return heading + height_ + 2 * margin + legend; }

  std::string draw(double left, std::size_t number) const {
    std::string svg = fmt::format("<g transform=\"translate({:.0f} 0)\">\n", left);
    svg += fmt::format(
        "<text x=\"24\" y=\"30\" class=\"title\">{}</text>\n<text x=\"24\" y=\"48\" "
        "class=\"note\">{} cores, {} channels, diameter {}, mean distance {:.3g}</text>\n",
        escaped(topology_.name), topology_.cores(), report_.properties.channels,
        report_.properties.diameter, report_.properties.mean_distance);
    svg += fmt::format("<g transform=\"translate({:.1f} {:.1f})\">\n", (width() - width_) / 2,
                       heading + margin);
    svg += topology_.shared ? draw_bus() : draw_links();
    svg += draw_routers();
    return svg + "</g>\n" + draw_legend(number) + "</g>\n";
  }

 private:
  /// Scales the drawing so that the nearest routers are 52 pixels apart, or less for wide
  /// topologies.
  void scale_places() {
    places_ = topology_.places;
    double nearest = 1e9;
    Place low{1e9, 1e9};
    Place high{-1e9, -1e9};
    for (std::size_t i = 0; i < places_.size(); ++i) {
      low = {std::min(low.x, places_[i].x), std::min(low.y, places_[i].y)};
      high = {std::max(high.x, places_[i].x), std::max(high.y, places_[i].y)};
      for (std::size_t j = 0; j < i; ++j) {
        const double far = std::hypot(places_[i].x - places_[j].x, places_[i].y - places_[j].y);
        if (far > 1e-6) nearest = std::min(nearest, far);
      }
    }
    const double span = std::max({high.x - low.x, high.y - low.y, 1e-6});
    unit_ = std::max(std::min(52.0, 2400.0 * nearest / span), 9.0);
    const double pixels = unit_ / nearest;
    for (Place& place : places_) {
      place = {(place.x - low.x) * pixels, (place.y - low.y) * pixels};
    }
    width_ = (high.x - low.x) * pixels;
    height_ = (high.y - low.y) * pixels;
  }

  void collect_links() {
    if (topology_.shared) return;
    for (std::size_t a = 0; a < topology_.arcs.size(); ++a) {
      const fabric::Arc& arc = topology_.arcs[a];
      if (arc.from > arc.to) continue;
      const std::uint32_t back = topology_.find_arc(arc.to, arc.from);
      links_.push_back({arc.from, arc.to, report_.load.load[a], report_.load.load[back]});
    }
    std::stable_sort(links_.begin(), links_.end(),
                     [](const DrawnLink& a, const DrawnLink& b) { return a.load() < b.load(); });
  }

  /// Whether the straight line between two routers would pass over a third router.
  bool runs_over(const Place& a, const Place& b) const {
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    if (length < 1.5 * unit_) return false;
    return std::any_of(places_.begin(), places_.end(), [&](const Place& p) {
      const double along = ((p.x - a.x) * (b.x - a.x) + (p.y - a.y) * (b.y - a.y)) / length;
      if (along < 0.3 * unit_ || along > length - 0.3 * unit_) return false;
      const double off = ((p.x - a.x) * (b.y - a.y) - (p.y - a.y) * (b.x - a.x)) / length;
      return std::fabs(off) < 0.3 * unit_;
    });
  }

  std::string path_of(const DrawnLink& link) const {
    const Place& a = places_[link.a];
    const Place& b = places_[link.b];
    if (!runs_over(a, b)) {
      return fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}", a.x, a.y, b.x, b.y);
    }
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    const double aside = (0.5 + 0.03 * std::min(length / unit_, 6.0)) * unit_;
    const double ahead = 0.2 * unit_;
    const Place along = {(b.x - a.x) / length, (b.y - a.y) / length};
    const Place out = {along.x * ahead + along.y * aside, along.y * ahead - along.x * aside};
    const Place in = {along.y * aside - along.x * ahead, -along.y * ahead - along.x * aside};
    return fmt::format("M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}", a.x, a.y,
                       a.x + out.x, a.y + out.y, b.x + in.x, b.y + in.y, b.x, b.y);
  }

  std::string draw_links() const {
    const double highest = report_.load.highest > 0.0 ? report_.load.highest : 1.0;
    const double thick = std::min(1.0, unit_ / 40.0) * (links_.size() > 600 ? 0.6 : 1.0);
    std::string svg =
        fmt::format("<g fill=\"none\" opacity=\"{}\">\n", links_.size() > 600 ? "0.6" : "1");
    for (const DrawnLink& link : links_) {
      const double part = link.load() / highest;
      svg += fmt::format(
          "<path d=\"{}\" stroke=\"{}\" stroke-width=\"{:.1f}\"><title>{} to {}: {:.4g}, back: "
          "{:.4g}</title></path>\n",
          path_of(link), color_of(part), thick * (1.2 + 2.6 * part), link.a, link.b, link.there,
          link.back);
    }
    return svg + "</g>\n";
  }

  std::string draw_bus() const {
    const std::string color = color_of(1.0);
    const double middle = height_ / 2;
    std::string svg = fmt::format(
        "<path d=\"M0 {0:.1f}L{1:.1f} {0:.1f}\" stroke=\"{2}\" stroke-width=\"6\" "
        "stroke-linecap=\"round\"/>\n",
        middle, width_, color);
    for (const Place& place : places_) {
      svg += fmt::format(
          "<path d=\"M{0:.1f} {1:.1f}L{0:.1f} {2:.1f}\" stroke=\"{3}\" stroke-width=\"2\"/>\n",
          place.x, place.y, middle, color);
    }
    return svg;
  }

  std::string draw_core(const Place& at, double radius, std::size_t core) const {
    std::string svg = fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" class=\"core\"/>", at.x, at.y, radius);
    if (radius >= 5.0) {
      const double size = radius * (topology_.cores() > 100 ? 0.8 : 0.95);
      svg += fmt::format(
          "<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"{:.1f}\" class=\"number\">{}"
          "</text>",
          at.x, at.y + 0.36 * size, size, core);
    }
    return svg + "\n";
  }

  std::string draw_routers() const {
    std::string svg;
    std::vector<std::vector<std::size_t>> cores(topology_.routers);
    for (std::size_t c = 0; c < topology_.cores(); ++c) {
      cores[topology_.router_of_core[c]].push_back(c);
    }
    for (std::size_t r = 0; r < topology_.routers; ++r) {
      const Place& at = places_[r];
      if (cores[r].size() == 1) {
        svg += draw_core(at, 0.27 * unit_, cores[r].front());
        continue;
      }
      const double side = (cores[r].empty() ? 0.22 : 0.66) * unit_;
      svg += fmt::format(
          "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"{:.1f}\" "
          "class=\"router\"/>\n",
          at.x - side / 2, at.y - side / 2, side, side, side / 6);
      svg += draw_cores_of(at, side, cores[r]);
    }
    return svg;
  }

  /// Draws the cores of one router, in rows within its square.
  std::string draw_cores_of(const Place& at, double side,
                            const std::vector<std::size_t>& cores) const {
    std::string svg;
    std::size_t columns = 1;
    while (columns * columns < cores.size()) ++columns;
    const double step = side / static_cast<double>(columns);
    for (std::size_t i = 0; i < cores.size(); ++i) {
      const std::size_t row = i / columns;
      const Place inner = {at.x - side / 2 + step * (0.5 + static_cast<double>(i % columns)),
                           at.y - side / 2 + step * (0.5 + static_cast<double>(row))};
      svg += draw_core(inner, 0.42 * step, cores[i]);
    }
    return svg;
  }

  std::string draw_legend(std::size_t number) const {
    const double y = height() - legend;
    return fmt::format(
        "<linearGradient id=\"load{0}\"><stop stop-color=\"{1}\"/><stop offset=\"0.5\" "
        "stop-color=\"{2}\"/><stop offset=\"1\" stop-color=\"{3}\"/></linearGradient>\n"
        "<rect x=\"24\" y=\"{4:.0f}\" width=\"120\" height=\"8\" rx=\"4\" "
        "fill=\"url(#load{0})\"/>\n<text x=\"152\" y=\"{5:.0f}\" class=\"note\">channel load 0 … "
        "{6:.4g} ({7})</text>\n",
        number, color_of(0.0), color_of(0.5), color_of(1.0), y, y + 9, report_.load.highest,
        report_.routing);
  }

  const TopologyReport& report_;
  const Topology& topology_;
  std::vector<Place> places_;
  std::vector<DrawnLink> links_;
  double unit_ = 52.0, width_ = 0.0, height_ = 0.0;
};

}  // namespace

std::string topology_svg(const TopologyStudy& study) {
  std::vector<Panel> panels;
  double width = 0.0;
  double height = 0.0;
  for (const TopologyReport& report : study.reports) {
    if (report.properties.links > most_links) {
      throw InputError(at_field("svg"),
                       fmt::format("{} links are too many for a drawing", report.properties.links),
                       fmt::format("at most {}", most_links));
    }
    panels.emplace_back(report);
    width += panels.back().width();
    height = std::max(height, panels.back().height());
  }
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
      "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\">\n"
      "<style>.title{{font-size:18px;font-weight:600;fill:#1f2d3a}}.note{{font-size:12px;"
      "fill:#5a6b7a}}.core{{fill:#1f4e79;stroke:#fff;stroke-width:1.2}}.number{{fill:#fff;"
      "text-anchor:middle}}.router{{fill:#e8eef3;stroke:#5a6b7a}}</style>\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
      width, height);
  double left = 0.0;
  for (std::size_t i = 0; i < panels.size(); ++i) {
    svg += panels[i].draw(left, i);
    left += panels[i].width();
  }
  return svg + "</svg>\n";
}

}  // namespace imcsim::study
