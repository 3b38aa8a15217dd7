//! Everything that a user sees, through the binary: one hermetic integration test.

mod harness;

mod everyday;
