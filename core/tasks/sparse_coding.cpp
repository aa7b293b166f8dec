#include "tasks/sparse_coding.hpp"

#include <algorithm>
#include <cmath>

#include "numeric/events.hpp"
#include "tasks/linear_system.hpp"

namespace imcsim::tasks {
namespace {

constexpr std::size_t batch = 25;  ///< patches coded with the same dictionary

double soft(double u, double threshold) {
  const double size = std::max(std::fabs(u) - threshold, 0.0);
  return u < 0.0 ? -size : size;
}

}  // namespace

std::vector<double> compete(const DictionaryProducts& products, std::span<const double> x,
                            std::size_t atoms, const Competition& rule) {
  std::vector<double> u(atoms, 0.0);
  std::vector<double> a(atoms, 0.0);
  std::vector<double> drive(atoms);
  std::vector<double> rest(x.begin(), x.end());
  std::vector<double> image(x.size());
  for (std::size_t step = 0; step < rule.steps; ++step) {
    products.backward(rest, drive);
    for (std::size_t k = 0; k < atoms; ++k) {
      u[k] += rule.rate * (drive[k] + a[k] - u[k]);
      a[k] = soft(u[k], rule.threshold);
    }
    products.forward(a, image);
    for (std::size_t i = 0; i < x.size(); ++i) rest[i] = x[i] - image[i];
  }
  return a;
}

ExactCoder::ExactCoder(const Dictionary& dictionary)
    : dictionary_(dictionary), gram_(dictionary.atoms * dictionary.atoms) {
  const std::size_t n = dictionary.atoms;
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t l = 0; l <= k; ++l) {
      gram_[k * n + l] = gram_[l * n + k] = dot(dictionary.atom(k), dictionary.atom(l));
    }
  }
}

std::vector<double> ExactCoder::code(std::span<const double> x, const Competition& rule) const {
  const std::size_t n = dictionary_.atoms;
  std::vector<double> like(n);
  for (std::size_t k = 0; k < n; ++k) like[k] = dot(dictionary_.atom(k), x);
  std::vector<double> u(n, 0.0);
  std::vector<double> a(n, 0.0);
  std::vector<double> inhibition(n);
  for (std::size_t step = 0; step < rule.steps; ++step) {
    std::fill(inhibition.begin(), inhibition.end(), 0.0);
    for (std::size_t k = 0; k < n; ++k) {
      if (a[k] != 0.0) add_scaled(inhibition, a[k], {gram_.data() + k * n, n});
    }
    for (std::size_t k = 0; k < n; ++k) {
      u[k] += rule.rate * (like[k] - inhibition[k] + a[k] - u[k]);
      a[k] = soft(u[k], rule.threshold);
    }
  }
  return a;
}

std::vector<double> reconstruct(const Dictionary& dictionary, std::span<const double> code) {
  std::vector<double> x(dictionary.size, 0.0);
  for (std::size_t k = 0; k < dictionary.atoms; ++k) {
    if (code[k] != 0.0) add_scaled(x, code[k], dictionary.atom(k));
  }
  return x;
}

void normalize_rows(std::vector<double>& values, std::size_t size) {
  for (std::size_t first = 0; first < values.size(); first += size) {
    const std::span<double> row(values.data() + first, size);
    const double length = norm(row);
    for (double& value : row) value = length > 0.0 ? value / length : 0.0;
  }
}

Dictionary learn_dictionary(const Patches& patches, std::size_t atoms, const Competition& rule,
                            std::size_t epochs, double rate, const Stream& draws) {
  Dictionary dictionary{atoms, patches.size, {}};
  std::uint64_t event = 0;
  // Start with random patches, with added noise so that repeated patches differ.
  for (std::size_t k = 0; k < atoms; ++k) {
    for (const double value : patches.patch(draws.word(events::places(event++)) % patches.count)) {
      const auto apart = static_cast<double>(draws.normal(events::places(event++)));
      dictionary.values.push_back(value +
                                  0.3 / std::sqrt(static_cast<double>(patches.size)) * apart);
    }
  }
  normalize_rows(dictionary.values, patches.size);
  std::vector<std::size_t> order(patches.count);
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (std::size_t epoch = 0; epoch < epochs; ++epoch) {
    for (std::size_t i = order.size(); i > 1; --i) {
      std::swap(order[i - 1], order[draws.word(events::places(event++)) % i]);
    }
    for (std::size_t first = 0; first < order.size(); first += batch) {
      const ExactCoder coder(dictionary);
      Dictionary next = dictionary;
      for (std::size_t i = first; i < std::min(order.size(), first + batch); ++i) {
        const std::span<const double> x = patches.patch(order[i]);
        const std::vector<double> a = coder.code(x, rule);
        std::vector<double> rest(x.begin(), x.end());
        add_scaled(rest, -1.0, reconstruct(dictionary, a));
        for (std::size_t k = 0; k < atoms; ++k) {
          if (a[k] != 0.0) add_scaled(next.atom(k), rate * a[k], rest);
        }
      }
      normalize_rows(next.values, patches.size);
      dictionary.values = std::move(next.values);
    }
  }
  return dictionary;
}

}  // namespace imcsim::tasks
