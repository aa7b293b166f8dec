// base: types that every other folder uses.
//
// Field / FieldList   one description of a struct's fields, for options, TOML, JSON and documents
// InputError          an error that the user can correct: place, problem, expected value
// OperationCounts     numbers of operations, without their cost
// Observer            receives the progress of long work and can stop it
//
// It contains no physics, no file access and no clock.
#pragma once

#include "base/counts.hpp"
#include "base/describe.hpp"
#include "base/error.hpp"
#include "base/observer.hpp"
