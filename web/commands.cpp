// The tool's commands for JavaScript: `Commands` takes the words of a command, its settings as JSON
// and files as bytes, and returns the JSON of the tool. `array` returns an array of the last answer
// as a typed array (copy).
#include <emscripten/bind.h>
#include <emscripten/val.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "answer.hpp"
#include "dataset/dataset.hpp"
#include "requests.hpp"
#include "study/version.hpp"

namespace imcsim::web {
namespace {

using emscripten::typed_memory_view;
using emscripten::val;
using study::Json;

Bytes bytes_of_array(const val& array) {
  Bytes bytes(array["length"].as<std::size_t>());
  val(typed_memory_view(bytes.size(), bytes.data())).call<void>("set", array);
  return bytes;
}

std::vector<std::string> words_of(const std::string& command) {
  std::vector<std::string> words;
  std::size_t from = 0;
  while (from < command.size()) {
    const std::size_t end = std::min(command.find(' ', from), command.size());
    if (end > from) words.push_back(command.substr(from, end - from));
    from = end + 1;
  }
  return words;
}

template <class T>
val typed_copy(const char* kind, const Bytes& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return val::global(kind).new_(val(typed_memory_view(values.size(), values.data())));
}

}  // namespace

class Commands {
 public:
  std::string version() const { return std::string(imcsim::version); }

  /// Adds or replaces a file of the next commands.
  void add_file(const std::string& name, const val& bytes) { files_[name] = bytes_of_array(bytes); }
  void remove_file(const std::string& name) { files_.erase(name); }

  /// Loads a data set from the contents of four IDX files (not compressed).
  std::string load(const std::string& name, const val& train_images, const val& train_labels,
                   const val& test_images, const val& test_labels) {
    return answered("load", [&] {
      dataset::Dataset data;
      data.training = dataset::parse_idx({"train-images", bytes_of_array(train_images)},
                                         {"train-labels", bytes_of_array(train_labels)});
      data.test = dataset::parse_idx({"t10k-images", bytes_of_array(test_images)},
                                     {"t10k-labels", bytes_of_array(test_labels)});
      data_[name] = std::move(data);
      return Json::object();
    });
  }

  /// `{"answer": the tool's JSON, "arrays": [{name, type, rows, columns}]}`.
  std::string run(const std::string& command, const std::string& settings) {
    return answered(command, [&] {
      const CommandRequest request = request_of(command, settings);
      return store_arrays(command == "system" ? run_system(request) : run_command(request));
    });
  }

  std::string describe(const std::string& command, const std::string& settings) {
    return answered(command, [&] { return describe_command(request_of(command, settings)); });
  }

  /// An array of the last answer.
  val array(const std::string& name) const {
    for (const NamedBytes& own : arrays_) {
      if (own.name != name) continue;
      if (own.type == "u8") return typed_copy<std::uint8_t>("Uint8Array", own.bytes);
      if (own.type == "u32") return typed_copy<std::uint32_t>("Uint32Array", own.bytes);
      if (own.type == "f32") return typed_copy<float>("Float32Array", own.bytes);
      return typed_copy<double>("Float64Array", own.bytes);
    }
    return val::null();
  }

 private:
  CommandRequest request_of(const std::string& command, const std::string& settings) const {
    CommandRequest request{words_of(command), {}, files_, data_};
    for (const auto& item : Json::parse(settings)) {
      request.settings.push_back({item.at("key").get<std::string>(),
                                  item.at("text").get<std::string>(),
                                  item.at("where").get<std::string>(), "page"});
    }
    return request;
  }

  /// Keeps the arrays for `array` and returns the JSON of `run`.
  Json store_arrays(CommandAnswer answer) {
    arrays_ = std::move(answer.arrays);
    Json list = Json::array();
    for (const NamedBytes& array : arrays_) {
      list.push_back({{"name", array.name},
                      {"type", array.type},
                      {"rows", array.rows},
                      {"columns", array.columns}});
    }
    return {{"answer", std::move(answer.json)}, {"arrays", std::move(list)}};
  }

  std::map<std::string, Bytes> files_;
  std::map<std::string, dataset::Dataset> data_;
  std::vector<NamedBytes> arrays_;
};

}  // namespace imcsim::web

EMSCRIPTEN_BINDINGS(imcsim_commands) {
  using imcsim::web::Commands;
  emscripten::class_<Commands>("Commands")
      .constructor()
      .function("version", &Commands::version)
      .function("addFile", &Commands::add_file)
      .function("removeFile", &Commands::remove_file)
      .function("load", &Commands::load)
      .function("run", &Commands::run)
      .function("describe", &Commands::describe)
      .function("array", &Commands::array);
}
