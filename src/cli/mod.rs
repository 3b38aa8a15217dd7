//! The clap types of the command line and their help texts; no logic, no I/O.
