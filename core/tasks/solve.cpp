#include "tasks/tasks.hpp"

namespace imcsim::tasks {
namespace {

class Solve final : public Task {
 public:
  void describe(FieldList& f) override { describe_arrays(arrays_, f); }
  crossbar::CrossbarConfig* crossbar() override { return &arrays_; }
  std::vector<InputSpec> inputs() const override {
    return {{"matrix", "A.mtx", "matrix of the system, Matrix Market"}};
  }
  Answer run(const Request& request) override {
    DeviceMatrix a(arrays_, {2, 2, [](std::size_t i, std::size_t j) { return i == j ? 1.0 : 0.5; }},
                   {}, request.seed, request.execution);
    std::vector<double> x = {1.0, -1.0};
    std::vector<double> y(2);
    a.multiply(x, y);
    Answer answer;
    answer.results = {{"y", y}};
    answer.arrays.push_back({"y", y, 1, 2});
    answer.counts = a.counts();
    return answer;
  }

 private:
  crossbar::CrossbarConfig arrays_ = task_arrays();
};

}  // namespace

std::span<const TaskEntry> solve_entries() {
  static constexpr TaskEntry entries[] = {
      {"task", "solve", "linear systems", "Solves.", "  imcsim task solve\n  imcsim task solve\n",
       [](std::string_view) -> std::unique_ptr<Task> { return std::make_unique<Solve>(); }}};
  return entries;
}

}  // namespace imcsim::tasks
