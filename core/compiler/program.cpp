#include "compiler/program.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "compiler/placement.hpp"
#include "compiler/tiling.hpp"

namespace imcsim::compiler {
namespace {

constexpr std::size_t images_to_fill = 3;

double bytes_of(double values, std::int64_t bits) {
  return values * static_cast<double>(bits) / 8.0;
}

class Compiler {
 public:
  Compiler(const network::Graph& graph, const Pipeline& pipeline, const fabric::Topology& topology,
           const CompileConfig& config, const std::string& where)
      : graph_(graph), pipeline_(pipeline), topology_(topology), config_(config), where_(where) {}

  Program run(Observer& observer) {
    program_.places = cut_into_tiles(graph_, pipeline_, config_.core);
    const std::vector<std::size_t> copies =
        copies_of(pipeline_, program_.places, config_, topology_.cores());
    make_vertices(copies);
    make_transfers();
    place_tiles();
    make_stages(copies);
    find_buffers(observer);
    check_memory();
    return std::move(program_);
  }

 private:
  std::size_t copies(std::size_t s) const { return first_vertex_[s].size(); }
  std::size_t tiles_per_copy(std::size_t s) const { return tiles_per_copy_[s]; }

  void make_vertices(const std::vector<std::size_t>& copies) {
    std::size_t vertex = 0;
    for (std::size_t s = 0; s < copies.size(); ++s) {
      PlacedStage& place = program_.places[s];
      const std::vector<Tile> once = place.tiles;
      first_vertex_.emplace_back();
      tiles_per_copy_.push_back(cores_per_copy(place));
      for (std::size_t k = 0; k < copies[s]; ++k) {
        first_vertex_[s].push_back(vertex);
        vertex += tiles_per_copy_[s];
      }
      if (once.empty()) place.tiles.resize(copies[s]);
      for (std::size_t k = 1; k < copies[s]; ++k) {
        for (Tile tile : once) {
          tile.copy = k;
          place.tiles.push_back(tile);
        }
      }
    }
    program_.cores_used = vertex;
    if (vertex > topology_.cores()) {
      throw InputError(
          where_,
          fmt::format("needs {} cores; {} has {}", vertex, topology_.name, topology_.cores()),
          fmt::format("at least {} cores, or larger core-rows and core-columns", vertex));
    }
  }

  /// Tiles of a copy that provide its output columns: the last tile of each chain of partial sums.
  std::vector<std::size_t> output_tiles(std::size_t s) const {
    std::vector<std::size_t> tiles;
    const std::size_t chain = std::max<std::size_t>(1, program_.places[s].row_tiles);
    for (std::size_t t = chain - 1; t < tiles_per_copy(s); t += chain) tiles.push_back(t);
    return tiles;
  }

  /// Tiles of a copy that receive an input: all that multiply it, or the first tile of each chain.
  std::vector<std::size_t> input_tiles(std::size_t s, const StageInput& in) const {
    std::vector<std::size_t> tiles;
    const std::size_t chain = std::max<std::size_t>(1, program_.places[s].row_tiles);
    for (std::size_t t = 0; t < tiles_per_copy(s); t += in.reaches_product ? 1 : chain) {
      tiles.push_back(t);
    }
    return tiles;
  }

  void add_transfer(std::size_t stage, std::string value, std::size_t from,
                    const std::vector<std::size_t>& to, double bytes) {
    for (const std::size_t vertex : to) edges_.push_back({from, vertex, bytes});
    fabric::Flow flow;
    flow.from = static_cast<std::uint32_t>(from);
    for (const std::size_t vertex : to) flow.to.push_back(static_cast<std::uint32_t>(vertex));
    flow.amount = bytes;
    program_.transfers.push_back({stage, std::move(value), std::move(flow), 0});
  }

  /// Transfers between vertices; cores are assigned later. A value read by several stages is one
  /// transfer from each core that provides it.
  void make_transfers() {
    for (std::size_t p = 0; p < pipeline_.stages.size(); ++p) {
      add_partial_sums(p);
      for (const std::size_t value : pipeline_.stages[p].outputs) add_value(p, value);
    }
  }

  void add_partial_sums(std::size_t s) {
    const PlacedStage& place = program_.places[s];
    if (place.row_tiles < 2) return;
    const auto pixels = static_cast<double>(pipeline_.stages[s].iterations());
    for (std::size_t k = 0; k < copies(s); ++k) {
      for (std::size_t t = 0; t < tiles_per_copy(s); ++t) {
        const Tile& tile = place.tiles[k * tiles_per_copy(s) + t];
        if (tile.row + 1 == place.row_tiles) continue;
        const double values = pixels * static_cast<double>(tile.columns);
        add_transfer(
            s, "partial sums", first_vertex_[s][k] + t, {first_vertex_[s][k] + t + 1},
            bytes_of(values, config_.core.partial_sum_bits) / static_cast<double>(copies(s)));
      }
    }
  }

  void add_value(std::size_t p, std::size_t value) {
    const std::vector<std::size_t> sources = output_tiles(p);
    const PixelGrid grid = grid_of(graph_.values[value]);
    const double bytes =
        bytes_of(static_cast<double>(grid.pixels() * grid.channels), config_.core.activation_bits) /
        static_cast<double>(sources.size() * copies(p));
    for (std::size_t k = 0; k < copies(p); ++k) {
      for (std::size_t i = 0; i < sources.size(); ++i) {
        std::vector<std::size_t> to;
        std::size_t reader = network::absent;
        for (std::size_t s = p + 1; s < pipeline_.stages.size(); ++s) {
          for (const StageInput& in : pipeline_.stages[s].inputs) {
            if (in.value != value) continue;
            if (reader == network::absent) reader = s;
            add_readers(s, in, i, sources.size(), to);
          }
        }
        if (!to.empty()) {
          add_transfer(reader, graph_.values[value].name, first_vertex_[p][k] + sources[i], to,
                       bytes);
        }
      }
    }
  }

  /// A residual is sent column by column if both stages have the same number of columns of tiles.
  void add_readers(std::size_t s, const StageInput& in, std::size_t source, std::size_t sources,
                   std::vector<std::size_t>& to) const {
    const std::vector<std::size_t> tiles = input_tiles(s, in);
    const bool by_column = !in.reaches_product && tiles.size() == sources;
    for (std::size_t k = 0; k < copies(s); ++k) {
      for (std::size_t t = 0; t < tiles.size(); ++t) {
        if (by_column && t != source) continue;
        const std::size_t vertex = first_vertex_[s][k] + tiles[t];
        if (std::find(to.begin(), to.end(), vertex) == to.end()) to.push_back(vertex);
      }
    }
  }

  void place_tiles() {
    const Placed placed = place(program_.cores_used, edges_, topology_,
                                static_cast<std::size_t>(config_.search_steps));
    program_.placement = placed.method;
    for (std::size_t s = 0; s < program_.places.size(); ++s) {
      for (std::size_t t = 0; t < program_.places[s].tiles.size(); ++t) {
        program_.places[s].tiles[t].core = placed.core_of[first_vertex_[s][0] + t];
      }
    }
    const fabric::Routing routing(topology_, config_.routing);
    std::vector<fabric::Flow> flows;
    for (Transfer& transfer : program_.transfers) {
      transfer.flow.from = placed.core_of[transfer.flow.from];
      for (std::uint32_t& to : transfer.flow.to) {
        to = placed.core_of[to];
        const std::size_t hops =
            routing
                .route(topology_.router_of_core[transfer.flow.from], topology_.router_of_core[to])
                .size();
        transfer.most_hops = std::max(transfer.most_hops, hops);
        program_.relayed += hops > 1 ? 1 : 0;
      }
      flows.push_back(transfer.flow);
    }
    program_.load = fabric::channel_load(routing, flows, config_.cast);
  }

  /// Largest number of links on any transfer of a value.
  std::size_t hops_of(std::size_t value) const {
    std::size_t hops = 1;
    for (const Transfer& transfer : program_.transfers) {
      if (transfer.value == graph_.values[value].name) hops = std::max(hops, transfer.most_hops);
    }
    return hops;
  }

  void make_stages(const std::vector<std::size_t>& copies) {
    double most_bytes = 0.0;
    for (const Stage& stage : pipeline_.stages) {
      most_bytes = std::max(most_bytes, bytes_of(static_cast<double>(stage.grid.channels),
                                                 config_.core.activation_bits));
    }
    program_.tick_s = fabric::iteration_s(config_.core, most_bytes);
    for (std::size_t s = 0; s < pipeline_.stages.size(); ++s) {
      const Stage& stage = pipeline_.stages[s];
      fabric::PipelineStage made;
      made.name = stage.name;
      made.iterations = stage.iterations();
      made.replication = copies[s];
      made.tiles = stage.product == network::absent ? 0 : tiles_per_copy(s);
      for (const StageInput& in : stage.inputs) made.objects.push_back(object_of(in));
      program_.stages.push_back(std::move(made));
    }
  }

  fabric::PipelineObject object_of(const StageInput& in) const {
    fabric::PipelineObject object;
    object.name = graph_.values[in.value].name;
    object.pixels = in.grid.pixels();
    object.bytes_a_pixel = static_cast<std::size_t>(
        (static_cast<std::int64_t>(in.grid.channels) * config_.core.activation_bits + 7) / 8);
    object.needed = in.needed;
    object.kept_from = in.kept_from;
    object.accumulates = in.accumulates;
    if (in.producer == network::absent) return object;
    object.producer = in.producer;
    object.delay_ticks = fabric::delay_ticks(config_.core, hops_of(in.value), program_.tick_s);
    if (config_.partial_sums == PartialSums::chained) {
      object.delay_ticks += std::max<std::size_t>(1, program_.places[in.producer].row_tiles) - 1;
    }
    return object;
  }

  void find_buffers(Observer& observer) {
    fabric::PipelineRunConfig run;
    run.images = images_to_fill;
    const fabric::PipelineRun filled = fabric::run_pipeline(program_.stages, run, observer);
    program_.first_image_ticks = filled.image_end[0];
    for (std::size_t s = 0; s < program_.stages.size(); ++s) {
      const fabric::PipelineStage& stage = program_.stages[s];
      program_.period_ticks = std::max(
          program_.period_ticks, (stage.iterations + stage.replication - 1) / stage.replication);
      for (std::size_t o = 0; o < stage.objects.size(); ++o) {
        if (stage.objects[o].accumulates) continue;
        program_.stages[s].objects[o].buffer_pixels = std::max(
            {std::size_t{1}, pipeline_.stages[s].inputs[o].window(), filled.peak_pixels[s][o]});
      }
    }
  }

  void check_memory() const {
    for (const fabric::PipelineStage& stage : program_.stages) {
      std::size_t bytes = 0;
      for (const fabric::PipelineObject& object : stage.objects) {
        // Sums of the present and the next image, twice as wide as the summands.
        const std::size_t pixels = object.accumulates ? 4 : object.buffer_pixels;
        bytes += pixels * object.bytes_a_pixel;
      }
      const auto most = static_cast<std::size_t>(config_.core.memory_kib) * 1024;
      if (bytes > most) {
        throw InputError(
            where_,
            fmt::format("stage \"{}\" buffers {} bytes; a core has {}", stage.name, bytes, most),
            fmt::format("memory-kib of at least {}", (bytes + 1023) / 1024));
      }
    }
  }

  const network::Graph& graph_;
  const Pipeline& pipeline_;
  const fabric::Topology& topology_;
  const CompileConfig& config_;
  const std::string& where_;
  std::vector<std::vector<std::size_t>> first_vertex_;  ///< per copy of each stage
  std::vector<std::size_t> tiles_per_copy_;
  std::vector<Edge> edges_;
  Program program_;
};

}  // namespace

std::span<const std::string_view> names_of(PartialSums) {
  static constexpr std::array<std::string_view, 2> names = {"together", "chained"};
  return names;
}

std::span<const std::string_view> names_of(Replication) {
  static constexpr std::array<std::string_view, 3> names = {"none", "period", "balance"};
  return names;
}

std::span<const std::string_view> names_of(PlacementMethod) {
  static constexpr std::array<std::string_view, 3> names = {"natural-order", "exact-search",
                                                            "improved"};
  return names;
}

void describe(CompileConfig& c, FieldList& f) {
  f.group("Compiler");
  f.field("partial-sums", c.partial_sums, Unit::none, {},
          "Addition of partial sums: within the tick, or from core to core, one tick per core");
  f.field("replication", c.replication, Unit::none, {},
          "Copies of weights: none, enough to reach period-ticks, or all that fit",
          "ISAAC; doi:10.1109/ISCA.2016.12");
  f.field("period-ticks", c.period_ticks, Unit::none, {0.0, 1e9},
          "Target number of ticks between images (for replication = period)");
  f.field("search-steps", c.search_steps, Unit::none, {0.0, 1e9},
          "Number of steps of the placement search and of the subsequent core exchanges");
  fabric::describe(c.routing, f);
  fabric::describe(c.core, f);
}

Program compile(const network::Graph& graph, const Pipeline& pipeline,
                const fabric::Topology& topology, const CompileConfig& config,
                const std::string& where, Observer& observer) {
  return Compiler(graph, pipeline, topology, config, where).run(observer);
}

ProgramEnergy energy_of(const Program& program, const fabric::CoreConfig& core) {
  ProgramEnergy energy;
  for (std::size_t s = 0; s < program.stages.size(); ++s) {
    const fabric::PipelineStage& stage = program.stages[s];
    const auto iterations = static_cast<double>(stage.iterations);
    for (const Tile& tile : program.places[s].tiles) {
      if (tile.copy > 0 || tile.rows == 0) continue;
      energy.products_j += iterations * fabric::product_j(core, static_cast<double>(tile.rows),
                                                          static_cast<double>(tile.columns));
    }
    for (const fabric::PipelineObject& object : stage.objects) {
      // Each byte is written once; each iteration reads the inputs of its product.
      const auto written = static_cast<double>(object.pixels * object.bytes_a_pixel);
      const double read = iterations * static_cast<double>(program.places[s].matrix_rows);
      energy.memory_j += (written + std::max(read, written)) * core.memory_byte_pj * 1e-12;
    }
  }
  for (const Transfer& transfer : program.transfers) {
    const double bits = transfer.flow.amount * 8.0;
    const auto more = static_cast<double>(std::max<std::size_t>(1, transfer.most_hops) - 1);
    energy.links_j += bits * (core.link_bit_pj + more * core.router_bit_pj) * 1e-12;
  }
  return energy;
}

}  // namespace imcsim::compiler
