//! Custom resource definitions: their rules, and the API server's verdict without a server.
//!
//! A file is read into located trees ([`document`]); each is decoded as the API server's Go decodes it, and checked by
//! the rules of one family after the other. What is found is told in the API server's words, at the user's own places.

pub(crate) mod api;
mod beta;
pub(crate) mod cel;
pub mod convert;
mod decoding;
pub(crate) mod definition;
pub mod diff;
pub mod document;
mod edit;
mod era;
pub mod explain;
pub(crate) mod finding;
pub mod fix;
pub(crate) mod go;
pub mod lint;
mod path;
pub(crate) mod resource;
mod rules;
pub mod sample;
pub(crate) mod schema;
mod service;
pub mod subject;
pub mod together;
pub mod verdict;
mod yaml;

pub use era::Era;
pub use finding::{Finding, Severity, Stage};
pub use path::{Step, written};
pub use rules::catalog::{Rule, rule, rules};
