//! The processes of a test, by what `/proc` says of them.

use std::fs;
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

/// The processes that work in the test's folder, or have it in their environment or command line. Zombies do nothing any
/// more.
pub(crate) fn running_below(root: &Path) -> Vec<String> {
    let needle = root.to_str().unwrap();
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| *pid != std::process::id().cast_signed())
        .filter_map(|pid| belongs(pid, needle))
        .collect()
}

fn belongs(pid: i32, needle: &str) -> Option<String> {
    let read = |file: &str| {
        let bytes = fs::read(format!("/proc/{pid}/{file}")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).replace('\0', " ")
    };
    let stat = read("stat");
    let state = stat.rsplit_once(") ")?.1.chars().next()?;
    let folder = fs::read_link(format!("/proc/{pid}/cwd")).unwrap_or_default();
    let command = read("cmdline");
    let is_ours = folder.starts_with(needle)
        || [&command, &read("environ")]
            .iter()
            .any(|text| text.contains(needle));
    (is_ours && state != 'Z').then(|| format!("{pid} {command}"))
}

/// Sends a signal to a process.
pub(crate) fn send(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), signal).unwrap();
}
