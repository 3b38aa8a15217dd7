//! The exact Go that a tree asks for.
