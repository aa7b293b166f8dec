#include "study/glossary.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/error.hpp"

namespace imcsim::study {

Glossary::Glossary() {
  lists_.push_back(fields_of(train_));
  lists_.push_back(fields_of(device_));
  lists_.push_back(fields_of(mvm_));
  lists_.push_back(fields_of(topology_));
}

const Field* Glossary::parameter(std::string_view key) const {
  for (const FieldList& fields : lists_) {
    if (const Field* field = fields.find(key)) return field;
  }
  return nullptr;
}

std::vector<std::string> Glossary::names() const {
  std::vector<std::string> all;
  for (const Term& term : terms_) all.push_back(term.name);
  for (const FieldList& fields : lists_) {
    for (const std::string& key : fields.keys()) {
      if (std::find(all.begin(), all.end(), key) == all.end()) all.push_back(key);
    }
  }
  return all;
}

Explanation Glossary::explain(const std::string& name) const {
  Explanation found;
  found.name = name;
  if (const Field* own = parameter(name)) found.parameters.push_back(own);
  const auto term =
      std::find_if(terms_.begin(), terms_.end(), [&](const Term& t) { return t.name == name; });
  found.is_term = term != terms_.end();
  if (found.is_term) {
    for (const std::string& key : term->see) found.parameters.push_back(parameter(key));
    found.terms.push_back(&*term);
  } else {
    for (const Term& t : terms_) {
      if (std::find(t.see.begin(), t.see.end(), name) != t.see.end()) found.terms.push_back(&t);
    }
  }
  if (found.terms.empty() && found.parameters.empty()) {
    throw InputError("explain", fmt::format("unknown term \"{}\"", name), suggest(name, names()));
  }
  return found;
}

Json to_json(const Explanation& explanation) {
  Json terms = Json::array();
  for (const Term* t : explanation.terms) {
    terms.push_back(
        {{"name", t->name}, {"text", t->text}, {"equation", t->equation}, {"source", t->source}});
  }
  Json parameters = Json::array();
  for (const Field* field : explanation.parameters) {
    parameters.push_back({{"key", field->text.key},
                          {"help", field->text.help},
                          {"group", field->group},
                          {"default", text_of(*field)},
                          {"unit", unit_name(field->text.unit)},
                          {"range", range_of(*field)},
                          {"source", field->text.source}});
  }
  return {{"term", explanation.name},
          {"terms", std::move(terms)},
          {"parameters", std::move(parameters)}};
}

}  // namespace imcsim::study
