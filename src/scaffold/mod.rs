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
pub mod controller;
pub mod definition;
pub mod description;
mod error;
pub mod field;
pub mod lossless;
pub mod names;
pub mod project;
mod rbac;
pub mod read_back;
mod readme;
pub mod sample;
mod schema;
pub mod specification;
mod specification_text;
pub mod stale;
pub mod told;
pub mod writing;
pub mod yaml;

pub use error::ScaffoldError;
pub use schema::{node_of, schema};
pub use specification_text::text as specification_text;
pub use writing::Files;

/// What `resource.Quantity` accepts, as controller-gen writes it.
pub const QUANTITY: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";
