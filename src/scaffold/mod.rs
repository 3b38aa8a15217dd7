//! What extends Kubernetes, from one description: the field language, descriptions, rendering, writing.
//!
//! ```text
//! command line ┐
//! api.toml     ├──► Description ──► check (names, lossless versions) ──► Project (files in memory) ──► write
//! a CRD        ┘
//! ```
//!
//! Nothing is written before all of it is known to be good.

pub mod field;
mod schema;

pub use schema::{node_of, schema};
