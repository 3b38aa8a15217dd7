//! The `kubewright` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    kubewright::commands::main()
}
