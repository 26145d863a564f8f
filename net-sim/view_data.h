// The data of a page of `simchain view`, as one JSON document.
//
// Times are whole microseconds from the start, nodes those that are shown (of `nodes.stride` one),
// long lists columns of packed numbers (packed.h). The page's viewer/data.js is the other side and
// must change with this.
#pragma once

#include "net-sim/report.h"
#include "net-sim/view_records.h"

namespace sim {

Json view_data(const Simulator& simulator, const ViewRecords& records);

}  // namespace sim
