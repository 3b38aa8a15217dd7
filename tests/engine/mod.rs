//! Builds in containers, on a real engine.

mod builds;
mod images;
mod memory;
mod stopping;
mod unreachable;
