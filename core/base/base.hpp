// base: what every other folder stands on.
//
// Field / FieldList   one description of a struct's fields; options, TOML, JSON, docs read it
// InputError          what a user can mend: where, what, what would be right
// OperationCounts     how often a thing was done; never what it costs
// Observer            how long work reports, and is asked to stop
//
// It knows no physics, no file, no clock.
#pragma once

#include "base/counts.hpp"
#include "base/describe.hpp"
#include "base/error.hpp"
#include "base/observer.hpp"
