//! Custom resources: what the API server says of a value under a schema.

pub(crate) mod default;
pub(crate) mod format;
pub(crate) mod instance;
pub(crate) mod lists;
pub(crate) mod metadata;
pub(crate) mod prune;
pub(crate) mod value;
