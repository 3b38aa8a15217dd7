//! `cargo xtask picture`: a build, recorded in a terminal and drawn as an SVG that moves.
//!
//! What is drawn is what the program printed, at the times at which it printed it. Only the lines with the prompt are
//! written here.

mod recording;
mod screen;
mod svg;

use std::fs;
use std::num::NonZeroU16;
use std::path::Path;

use super::{Failure, cargo, kubewright, root};
use recording::Recording;

/// The width that people's terminals have at least.
const COLUMNS: NonZeroU16 = NonZeroU16::new(80).unwrap();

/// What is recorded where nothing else is asked for: a build, and the same again, when there is nothing to do.
const BUILD: &str = "build component kubeadm kubectl --repo demo --out bin";

/// Seconds between two commands, and at the end, so that one can read.
const PAUSE: f64 = 2.0;
const LAST_PAUSE: f64 = 5.0;

/// Records and draws.
pub(super) fn draw(command: &[String]) -> Result<(), Failure> {
    duct::cmd!(cargo(), "build", "--locked", "--bin", "kubewright")
        .dir(root())
        .run()?;
    let program = kubewright()?;
    let folder = tempfile::tempdir()?;
    let home = program.with_file_name("picture");
    let mut recording = Recording::default();
    if command.is_empty() {
        prepare(&program, folder.path(), &home)?;
        recording.play(&program, BUILD, folder.path(), &home)?;
        recording.wait(PAUSE);
        recording.play(&program, BUILD, folder.path(), &home)?;
    } else {
        recording.play(&program, &command.join(" "), folder.path(), &home)?;
    }
    recording.wait(LAST_PAUSE);
    let film = screen::film(&recording, COLUMNS);
    fs::write(
        root().join("docs/demo.svg"),
        svg::draw(&film, COLUMNS.get()),
    )?;
    Ok(())
}

/// Has the toolchain ready, and nothing else: a picture of a download would be of no use.
fn prepare(program: &Path, folder: &Path, home: &Path) -> Result<(), Failure> {
    let build: Vec<&str> = BUILD.split(' ').collect();
    for arguments in [
        &build[..],
        &["source", "gc", "--all"],
        &["runs", "gc", "--keep", "0"],
    ] {
        duct::cmd(program, arguments)
            .dir(folder)
            .env("KUBEWRIGHT_HOME", home)
            .stdout_null()
            .run()?;
    }
    fs::remove_dir_all(folder.join("bin"))?;
    Ok(())
}
