//! Carrying out a plan: the loop over steps, attempts, the native executor, cancelling.

pub mod executable;
