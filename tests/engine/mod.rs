//! Builds in containers, on a real engine.

mod builds;
mod cells;
mod images;
mod memory;
mod own;
mod release;
mod remote;
mod stopping;
mod unreachable;
