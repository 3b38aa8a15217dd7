//! `cargo xtask test`: what the tests need, then the tests.

use super::{Failure, cargo, kubewright, root};

/// Builds everything, has kubewright's own doctor set up what is missing, builds the API server that some tests ask and the buildx that others call, and runs all tests.
pub(super) fn run(arguments: &[String]) -> Result<(), Failure> {
    let test = ["test", "--workspace", "--locked"];
    // Built first as the tests build it, so that nothing is compiled twice.
    step(&cargo(), test.into_iter().chain(["--no-run"]))?;
    let program = kubewright()?;
    step(
        &program.to_string_lossy(),
        ["doctor", "--for", "tests", "--setup", "--yes"],
    )?;
    super::api_server::build()?;
    super::buildx::build()?;
    let arguments = arguments.iter().map(String::as_str);
    step(&cargo(), test.into_iter().chain(["--"]).chain(arguments))
}

fn step<'a>(program: &str, arguments: impl IntoIterator<Item = &'a str>) -> Result<(), Failure> {
    let arguments: Vec<&str> = arguments.into_iter().collect();
    duct::cmd(program, arguments)
        .dir(root())
        .stdin_null()
        .run()?;
    Ok(())
}
