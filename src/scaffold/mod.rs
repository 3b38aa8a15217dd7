//! What extends Kubernetes, from one description: the field language, descriptions, rendering, writing.
//!
//! ```text
//! command line ┐
//! api.toml     ├──► Description ──► check (names, lossless versions) ──► Project (files in memory) ──► write
//! a CRD        ┘
//! ```
//!
//! Nothing is written before all of it is known to be good.

pub mod answers;
mod check;
pub mod description;
pub mod field;
pub mod names;
pub mod sample;
mod schema;
pub mod told;

pub use schema::{node_of, schema};

/// What `resource.Quantity` accepts, as controller-gen writes it.
const QUANTITY: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";
