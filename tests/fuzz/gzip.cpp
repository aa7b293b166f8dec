#include "gzip.hpp"

#include "fuzz.hpp"

namespace imcsim::fuzz {

void run(Bytes bytes) { keep(sum_of(cli::gunzip(bytes, "x.gz", "--file"))); }

}  // namespace imcsim::fuzz
