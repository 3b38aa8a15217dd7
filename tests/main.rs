//! Everything that a user sees, through the binary: one hermetic integration test.

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
