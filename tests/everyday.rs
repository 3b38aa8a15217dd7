//! Placeholder until the first scene is written.
