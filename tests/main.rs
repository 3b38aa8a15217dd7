//! Everything that a user sees, through the binary: one hermetic integration test.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed; clippy allows it in test functions, but not in what they share"
)]

mod harness;

mod api_server;
mod concurrency;
mod contract;
mod controller;
mod crd;
mod diagnoses;
mod engine;
mod eras;
mod errors;
mod everyday;
mod killed;
mod machine;
mod matrix;
mod pod_template;
mod preflight;
mod scaffold;
mod scaffold_hints;
mod schemas;
mod setup;
mod stale;
mod stamps;
mod stopping;
mod verbs;
