// task, logic, arith: every entry of the registry with every choice of its options.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <map>

#include "golden/golden.hpp"
#include "study/presets.hpp"
#include "study/task_inputs.hpp"
#include "study/task_study.hpp"
#include "support.hpp"
#include "tasks/image.hpp"
#include "tasks/sense.hpp"

namespace imcsim::golden {
namespace {

using Files = std::map<std::string, std::string>;  ///< path, content

/// Inputs from memory; a folder is the part of a path before the last `/`.
study::InputSource source_of(const Files& files) {
  const auto file = [&files](const std::string& path, const Where&) {
    const std::span<const std::uint8_t> bytes = bytes_of(files.at(path));
    return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
  };
  const auto folder = [&files](const std::string& path, const Where&) {
    std::vector<std::string> names;
    for (const auto& [name, content] : files) {
      if (name.starts_with(path + "/")) names.push_back(name);
    }
    return names;
  };
  return {file, folder};
}

/// Entries with the same `make` share their options; the first entry represents all.
std::string owner_of_options(const tasks::TaskEntry& entry) {
  for (const tasks::TaskEntry& other : tasks::task_entries()) {
    if (other.make == entry.make && other.command == entry.command) return study::task_name(other);
  }
  return {};
}

/// Adds cases of `command word`; `what` follows the word in the name of a case.
class TaskList {
 public:
  TaskList(std::vector<Case>& cases, std::string command, std::string word)
      : cases_(cases), command_(std::move(command)), word_(std::move(word)) {}

  void add(const std::string& what, const std::string& toml, Files files = {}) const {
    const tasks::TaskEntry& entry = tasks::find_task(command_, word_);
    study::ResolvedTask resolved = study::resolve_task(entry, options(toml), no_files);
    study::TaskConfig reference(entry);
    Choices uses =
        choices_used(owner_of_options(entry), fields_of(resolved.config), fields_of(reference));
    uses.insert(study::task_name(entry));
    const auto run = [&entry, toml, files = std::move(files)](const Execution& execution) {
      study::ResolvedTask own = study::resolve_task(entry, options(toml), no_files);
      const study::LoadedInputs loaded = study::load_inputs(own.config, source_of(files));
      Observer observer;
      const study::TaskStudy study =
          study::run_task(own.config, loaded.inputs, execution, observer);
      return result_of(study::task_json(own.config, study));
    };
    cases_.push_back({fmt::format("{}/{}{}{}", command_, word_, what.empty() ? "" : "-", what), run,
                      std::move(uses)});
  }

 private:
  std::vector<Case>& cases_;
  std::string command_, word_;
};

/// CSV with rows in three groups and a label.
std::string grouped_table(std::size_t rows) {
  testing::Draws draws(31);
  std::string text = "a,b,c,d,label\n";
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t group = i % 3;
    for (std::size_t j = 0; j < 4; ++j) {
      const float middle = j == group ? 3.0F : 1.0F;
      text += fmt::format("{},", middle + draws(0.6F));
    }
    text += fmt::format("group{}\n", group);
  }
  return text;
}

/// Binary PGM with stripes and a spot.
std::string picture(std::size_t side) {
  tasks::Image image{side, side, {}};
  for (std::size_t y = 0; y < side; ++y) {
    for (std::size_t x = 0; x < side; ++x) {
      const bool spot = (x - side / 2) * (x - side / 2) + (y - side / 3) * (y - side / 3) < side;
      image.pixels.push_back(static_cast<std::uint8_t>(spot ? 250 : 40 + 60 * (x / 4 % 2) + y));
    }
  }
  return tasks::pgm_of(image);
}

std::string patches(std::size_t count, std::size_t size) {
  testing::Draws draws(32);
  std::string text;
  for (std::size_t j = 0; j < size; ++j) text += fmt::format("{}p{}", j == 0 ? "" : ",", j);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = 0; j < size; ++j) {
      text +=
          fmt::format("{}{}", j == 0 ? "\n" : ",", draws(1.0F) + (j % 4 == i % 4 ? 2.0F : 0.0F));
    }
  }
  return text + "\n";
}

std::string numbers(std::size_t rows, std::size_t columns) {
  testing::Draws draws(33);
  std::string text;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      text += fmt::format("{}{}", j == 0 ? "" : ",", draws(2.0F));
    }
    text += "\n";
  }
  return text;
}

/// Asymmetric and diagonally dominant.
std::string market_matrix(std::size_t n) {
  std::string text = fmt::format("%%MatrixMarket matrix array real general\n{} {}\n", n, n);
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = 0; i < n; ++i) {
      text +=
          fmt::format("{}\n", i == j ? 12.0 : static_cast<double>((7 * i + 11 * j) % 13) / 13.0);
    }
  }
  return text;
}

std::string market_vectors(std::size_t n, std::size_t count) {
  std::string text = fmt::format("%%MatrixMarket matrix array real general\n{} {}\n", n, count);
  for (std::size_t k = 0; k < n * count; ++k)
    text += fmt::format("{}\n", 1.0 + static_cast<double>(k % 5));
  return text;
}

std::string links() {
  std::string text = "origin,destination\n";
  for (std::size_t i = 0; i < 24; ++i) {
    text += fmt::format("n{},n{}\nn{},n{}\n", i, (5 * i + 3) % 24, i, (i * i + 1) % 7);
  }
  return text;
}

/// One line a step; the first four of twenty processes are correlated.
std::string events() {
  testing::Draws draws(34);
  std::string text;
  for (std::size_t k = 0; k < 200; ++k) {
    const bool together = draws.below(10) < 3;
    for (std::size_t i = 0; i < 20; ++i) {
      const bool active = i < 4 && draws.below(4) > 0 ? together : draws.below(10) < 3;
      text += fmt::format("{}{}", i == 0 ? "" : ",", active ? 1 : 0);
    }
    text += "\n";
  }
  return text;
}

/// Words of six letters, one of which is more frequent in each language.
std::string words(std::size_t language, std::uint32_t lines, std::uint64_t seed) {
  testing::Draws draws(seed);
  std::string text;
  for (std::uint32_t i = 0; i < 25 * lines; ++i) {
    const std::uint32_t letter =
        draws.below(3) == 0 ? static_cast<std::uint32_t>(2 * language) : draws.below(6);
    text += static_cast<char>('a' + letter);
    if (i % 5 == 4) text += i % 25 == 24 ? '\n' : ' ';
  }
  return text;
}

/// A training text and six test lines of each language.
const Files& languages() {
  static const Files files = {{"train/x.txt", words(0, 20, 41)}, {"train/y.txt", words(1, 20, 42)},
                              {"train/z.txt", words(2, 20, 43)}, {"test/x.txt", words(0, 6, 44)},
                              {"test/y.txt", words(1, 6, 45)},   {"test/z.txt", words(2, 6, 46)}};
  return files;
}

void add_tasks(std::vector<Case>& cases) {
  const TaskList solve(cases, "task", "solve");
  solve.add("", "size = 60\n");
  for (const std::string& preset : study::preset_names("task")) {
    if (!preset.starts_with("legallo2018")) continue;
    const int size = preset == "legallo2018" ? 70 : 12;
    solve.add("preset-" + preset, fmt::format("preset = \"{}\"\nsize = {}\n", preset, size));
  }
  solve.add("files",
            "matrix = \"A.mtx\"\nright-side = \"b.mtx\"\ninner = \"gmres\"\nscale = \"jacobi\"\n"
            "inner-steps = 4\ntolerance = 1e-7\nouter-steps = 12\ncalibrate-every = 3\n"
            "wait = \"1h\"\nstep-time = \"1s\"\ntile = \"5x6\"\nseed = 4\nband = 9\n",
            {{"A.mtx", market_matrix(12)}, {"b.mtx", market_vectors(12, 2)}});
  solve.add("one-step",
            "method = \"one-step\"\nsize = 10\namplifier-gain = 1000\n"
            "amplifier-bandwidth-mhz = 50\ninput-conductance-us = 10\nsettled-to = 0.01\n");
  solve.add("inverse",
            "size = 10\nunit-vectors = true\nline-search = true\nedge-threshold = 0.05\n");

  const TaskList correlate(cases, "task", "correlate");
  correlate.add("", "synthetic = \"300,30,0.02,0.2,800\"\n");
  correlate.add("events",
                "events = \"e.csv\"\ncurrent-per-event-ua = 8\ncurrent-max-ua = 70\n"
                "current-min-ua = 10\nread-after = \"1h\"\nseed = 2\ndevices-per-process = 2\n",
                {{"e.csv", events()}});
  correlate.add("image", "image = \"i.pgm\"\nsynthetic = \"256,20,0.1,0.3,150\"\n",
                {{"i.pgm", picture(16)}});

  const TaskList recover(cases, "task", "recover");
  recover.add("", "synthetic = \"128,64,6\"\n");
  for (const char* matrix : {"auto", "sign", "gaussian"}) {
    recover.add(fmt::format("matrix-{}", matrix),
                fmt::format("synthetic = \"40,24,3\"\nmatrix = \"{}\"\niterations = 8\n", matrix));
  }
  for (const char* by : {"crossbar", "exact"}) {
    recover.add(fmt::format("measured-by-{}", by),
                fmt::format("synthetic = \"40,24,3\"\nmeasured-by = \"{}\"\niterations = 6\n"
                            "threshold = 1.2\nseed = 3\n",
                            by));
  }
  for (const char* basis : {"haar", "dct"}) {
    recover.add(fmt::format("image-{}", basis),
                fmt::format("image = \"i.pgm\"\nbasis = \"{}\"\nblock = 8\nrate = 0.6\n"
                            "iterations = 6\n",
                            basis),
                {{"i.pgm", picture(16)}});
  }

  TaskList(cases, "task", "eigen")
      .add("", "links = \"l.csv\"\ndamping = 0.8\niterations = 12\nseed = 2\n",
           {{"l.csv", links()}});
  TaskList(cases, "task", "cluster")
      .add("", "table = \"t.csv\"\nclusters = 4\nstarts = 2\niterations = 6\nseed = 2\n",
           {{"t.csv", grouped_table(30)}});
  TaskList(cases, "task", "components")
      .add("",
           "table = \"t.csv\"\ncomponents = 3\nepochs = 4\nlearning-rate = 0.02\n"
           "granularity = 0.01\nseed = 2\n",
           {{"t.csv", grouped_table(24)}});

  const TaskList language(cases, "task", "language");
  for (const char* encoder : {"xor", "2-minterm"}) {
    for (const char* similarity : {"hamming", "dot"}) {
      language.add(fmt::format("{}-{}", encoder, similarity),
                   fmt::format("train = \"train\"\ntest = \"test\"\nencoder = \"{}\"\n"
                               "similarity = \"{}\"\nngram = 2\ndimension = 200\narray-rows = 64\n"
                               "adc-bits = 6\nseed = 3\n",
                               encoder, similarity),
                   languages());
    }
  }
  language.add("preset-karunaratne2020",
               "train = \"train\"\ntest = \"test\"\npreset = \"karunaratne2020\"\n"
               "dimension = 600\n",
               languages());
  language.add("stated-cells",
               "train = \"train\"\ntest = \"test\"\ndimension = 200\nt = \"1d\"\n"
               "sense-noise-us = 2\nsampled-cells = 64\nset-target-us = 15\n"
               "stated-set-mean-us = 20\nstated-set-std-us = 6\nstated-reset-mean-us = 2\n"
               "stated-reset-std-us = 1\n",
               languages());

  const TaskList sparse(cases, "task", "sparse-code");
  sparse.add("", "");
  sparse.add("table",
             "input = \"p.csv\"\natoms = 12\nepochs = 2\nlearning-rate = 0.2\npatches = 6\n"
             "threshold = 0.15\nrate = 0.05\nsteps = 20\nseed = 2\n",
             {{"p.csv", patches(20, 9)}});
  sparse.add("image",
             "input = \"i.pgm\"\nside = 4\natoms = 10\nepochs = 1\npatches = 5\nsteps = 15\n",
             {{"i.pgm", picture(20)}});
  sparse.add("dictionary", "input = \"p.csv\"\ndictionary = \"d.csv\"\npatches = 5\nsteps = 15\n",
             {{"p.csv", patches(10, 9)}, {"d.csv", patches(7, 9)}});

  TaskList(cases, "task", "factorize")
      .add("",
           "dimension = 64\nfactors = 2\ncodes = 6\ntrials = 3\niterations = 40\n"
           "active-codes = 2\nseed = 3\n");
}

/// Each operation by sense amplifiers and by each family of gates between cells.
void add_bulk_logic(std::vector<Case>& cases) {
  const Files files = {
      {"a", "imcsim computes"}, {"b", "in the memory, "}, {"c", "bits of arrays!"}};
  for (const std::string_view word : names_of(tasks::LogicOperation{})) {
    const char* const operands = word == "not" ? "a" : word == "majority" ? "a,b,c" : "a,b";
    const TaskList logic(cases, "logic", std::string(word));
    const std::string given = fmt::format("operands = \"{}\"\n", operands);
    const std::string few = given + "sampled-cells = 64\n";
    if (word == "xor") logic.add("", given, files);
    logic.add("cells", few + "simulate = \"cells\"\ncolumns = 64\n", files);
    logic.add("rates", few + "write-back = true\nt = \"1d\"\nsense-noise-us = 2\nseed = 2\n",
              files);
    for (const char* family : {"imply", "magic", "pcm-single"}) {
      logic.add(
          fmt::format("stateful-{}", family),
          given + fmt::format("style = \"stateful\"\nfamily = \"{}\"\ngate-error = 0.02\n", family),
          files);
    }
  }
  const TaskList logic(cases, "logic", "and");
  logic.add("stated-cells",
            "operands = \"a,b\"\nstated-set-mean-us = 20\nstated-set-std-us = 3\n"
            "stated-reset-mean-us = 1\nstated-reset-std-us = 0.8\nset-target-us = 15\n",
            files);
  logic.add("divider",
            "operands = \"a,b\"\nstyle = \"stateful\"\nfamily = \"magic\"\ndivider = true\n"
            "on-kohm = 20\noff-kohm = 500\nresistance-spread = 0.4\nthreshold-v = 0.8\n"
            "threshold-spread = 0.1\ngate-v = 1.2\ndivider-samples = 300\n",
            files);
}

void add_logic(std::vector<Case>& cases) {
  add_bulk_logic(cases);
  const TaskList add(cases, "logic", "add");
  add.add("", "bits = 16\na = \"12345\"\nb = \"54321\"\n");
  for (const char* word : {"add", "subtract", "multiply"}) {
    for (const char* convention : {"1-init", "min3", "simpler"}) {
      TaskList(cases, "logic", word)
          .add(convention,
               fmt::format("bits = 6\na = \"33,5,0x1f\"\nb = \"17,4,2\"\nconvention = \"{}\"\n"
                           "gate-error = 0.01\nrow-size = 300\ncycle-time = \"20ns\"\nseed = 2\n",
                           convention));
    }
  }
  add.add("files", "bits = 8\na-file = \"a.txt\"\nb-file = \"b.txt\"\n",
          {{"a.txt", "1\n2,250\n"}, {"b.txt", "7\n8\n9\n"}});

  const std::string adder =
      "module full_adder(a, b, cin, s, cout);\ninput a, b, cin;\noutput s, cout;\n"
      "wire t0, t1, t2, t3, t4, t5, t6;\nnor2 g0(.a(a), .b(b), .O(t0));\n"
      "nor2 g1(.a(a), .b(t0), .O(t1));\nnor2 g2(.a(b), .b(t0), .O(t2));\n"
      "nor2 g3(.a(t1), .b(t2), .O(t3));\nnor2 g4(.a(t3), .b(cin), .O(t4));\n"
      "nor2 g5(.a(t4), .b(t3), .O(t5));\nnor2 g6(.a(t4), .b(cin), .O(t6));\n"
      "nor2 g7(.a(t5), .b(t6), .O(s));\nnor2 g8(.a(t0), .b(t4), .O(cout));\nendmodule\n";
  const TaskList netlist(cases, "logic", "run");
  netlist.add("", "netlist = \"n.v\"\n", {{"n.v", adder}});
  netlist.add("vectors",
              "netlist = \"n.v\"\nvectors = \"011,111,010\"\ngate-error = 0.05\nrow-size = 12\n"
              "seed = 2\n",
              {{"n.v", adder}});
  netlist.add("vectors-file", "netlist = \"n.v\"\nvectors-file = \"v.txt\"\n",
              {{"n.v", adder}, {"v.txt", "101\n110\n"}});

  const std::string people =
      "name,city,age,height m\nAnn,Paris,31,1.70\nBob,\"New York\",30,1.8\n"
      "\"Cy \"\"C\"\" Lee\",Paris,,1.65\nDan,,45,-0.5\nEve,Rome,45,\n";
  const TaskList query(cases, "logic", "query");
  for (const char* cascade : {"register", "write"}) {
    query.add(
        fmt::format("cascade-{}", cascade),
        fmt::format("table = \"t.csv\"\nquery = \"(age>=31 AND NOT city=Rome) OR name IN (Bob)\"\n"
                    "cascade = \"{}\"\ncolumns = 4\nt = \"1d\"\nsampled-cells = 64\n"
                    "sense-noise-us = 3\nseed = 2\n",
                    cascade),
        {{"t.csv", people}});
  }
  query.add("stated-cells",
            "table = \"t.csv\"\nquery = \"age>30\"\nset-target-us = 15\nstated-set-mean-us = 20\n"
            "stated-set-std-us = 3\nstated-reset-mean-us = 1\nstated-reset-std-us = 0.8\n",
            {{"t.csv", people}});
}

void add_arithmetic(std::vector<Case>& cases) {
  const TaskList multiply(cases, "arith", "multiply");
  multiply.add("", "pairs = 500\n");
  multiply.add("given", "x = [0.5, 0.25, 1]\nw = [0.8, -0.3, 0.1]\ndevice = \"projected-pcm\"\n");
  multiply.add("table", "table = \"t.csv\"\nt = \"1d\"\nseed = 2\n",
               {{"t.csv", "x,w\n0.1,0.2\n0.9,0.4\n0.3,0.7\n"}});
  multiply.add("slices", "pairs = 30\nslices = 3\nslice-base = 4\n");
  multiply.add("matrices", "a = \"a.csv\"\nb = \"b.csv\"\nslices = 2\ntile = \"4x4\"\n",
               {{"a.csv", numbers(6, 5)}, {"b.csv", numbers(5, 3)}});

  const TaskList accumulate(cases, "arith", "accumulate");
  accumulate.add("", "operands = \"123,456\"\n");
  for (const char* operation : {"add", "subtract", "multiply", "divide", "modulo"}) {
    for (const char* regime : {"multistate", "pcm"}) {
      const bool pcm = std::string_view(regime) == "pcm";
      accumulate.add(fmt::format("{}-{}", operation, regime),
                     fmt::format("operands = \"17,5\"\noperation = \"{}\"\nregime = \"{}\"\n"
                                 "base = 7\ntrials = 3\nredundancy = {}\nseed = 2\n{}",
                                 operation, regime, pcm ? 16 : 2,
                                 pcm ? "" : "pulse-noise = 0.05\npulse-spread = 0.04\n"));
    }
  }
  const TaskList factor(cases, "arith", "factor");
  factor.add("", "number = \"60\"\n");
  for (const char* regime : {"multistate", "pcm"}) {
    const bool pcm = std::string_view(regime) == "pcm";
    factor.add(regime, fmt::format("number = \"35\"\nregime = \"{}\"\ntrials = 3\n"
                                   "redundancy = {}\nseed = 2\n{}",
                                   regime, pcm ? 32 : 2,
                                   pcm ? "" : "pulse-noise = 0.03\npulse-spread = 0.03\n"));
  }
  const TaskList random(cases, "arith", "random");
  random.add("", "bits = 512\n");
  for (const char* extractor : {"none", "von-neumann"}) {
    random.add(extractor, fmt::format("bits = 200\nextractor = \"{}\"\ncells = 20\n"
                                      "calibration-reads = 40\nseed = 2\n",
                                      extractor));
  }
}

}  // namespace

CaseList task_cases() {
  CaseList list;
  add_tasks(list.cases);
  add_logic(list.cases);
  add_arithmetic(list.cases);
  for (const tasks::TaskEntry& entry : tasks::task_entries()) {
    study::TaskConfig reference(entry);
    list.offered.merge(choices_offered(owner_of_options(entry), fields_of(reference)));
    list.offered.insert(study::task_name(entry));
  }
  return list;
}

}  // namespace imcsim::golden
