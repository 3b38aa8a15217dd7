//! One thin file per verb: resolve, plan, run, report.
