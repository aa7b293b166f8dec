#pragma once

#include "study/device_study.hpp"
#include "study/json.hpp"
#include "study/mvm.hpp"
#include "study/topology_study.hpp"
#include "study/train_config.hpp"

namespace imcsim::study {

/// Entry for a name: terms of the field, and parameters of commands.
struct Explanation {
  std::string name;
  bool is_term = false;  ///< false: a parameter, with the terms that reference it
  std::vector<const Term*> terms;
  std::vector<const Field*> parameters;
};
Json to_json(const Explanation& explanation);

/// All names that can be explained: terms of data/terms.toml and parameters of the commands.
/// Returned explanations reference this object.
class Glossary {
 public:
  Glossary();
  Glossary(const Glossary&) = delete;
  Glossary& operator=(const Glossary&) = delete;

  const std::vector<Term>& terms() const { return terms_; }

  /// Throws InputError{explain, …} for an unknown name, with the nearest known names.
  Explanation explain(const std::string& name) const;

 private:
  const Field* parameter(std::string_view key) const;
  std::vector<std::string> names() const;

  std::vector<Term> terms_ = list_terms();
  TrainConfig train_;
  DeviceStudyConfig device_;
  MvmConfig mvm_;
  TopologyStudyConfig topology_;
  std::vector<FieldList> lists_;
};

}  // namespace imcsim::study
