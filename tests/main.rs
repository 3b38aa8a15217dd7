//! Everything that a user sees, through the binary: one hermetic integration test.

#![expect(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    clippy::too_many_lines,
    reason = "a test ends with what it did not expect, and its modules are nobody else's"
)]

mod harness;

mod concurrency;
mod contract;
mod diagnoses;
mod errors;
mod everyday;
mod killed;
mod machine;
mod preflight;
mod schemas;
mod stamps;
mod stopping;
mod verbs;
