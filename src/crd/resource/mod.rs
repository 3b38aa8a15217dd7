//! Custom resources: what the API server says of a value under a schema.

mod alternatives;
pub(crate) mod default;
pub(crate) mod fault;
pub(crate) mod format;
mod identity;
pub(crate) mod instance;
pub(crate) mod lists;
pub(crate) mod metadata;
mod number;
mod owner;
pub(crate) mod prune;
pub(crate) mod rules;
pub(crate) mod scale;
pub(crate) mod value;
