//! The table of known failures: pattern, cause, fix.
