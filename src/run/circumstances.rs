//! What a diagnosis means where a step ran in a container: the limit of memory is the container's, and the full disk may be
//! the engine's.

use super::quoted;
use crate::bytes::Bytes;
use crate::diagnose::{Diagnosis, Failure as Kind};
use crate::host::FileSystem;
use crate::plan::{Plan, Step};
use crate::run::docker::SOURCE;

/// A file system with less room than this counts as full: the write that failed may have been larger than what is left.
pub(super) const FULL: Bytes = Bytes::mib(4);

/// What a failure in a container is to be judged by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Circumstances {
    /// The limit of its memory.
    pub(super) limit: Option<Bytes>,
    /// The least memory that the step works with.
    pub(super) least: Option<Bytes>,
    /// What is free where the engine keeps containers and volumes, where that can be seen.
    pub(super) data_root: Option<Bytes>,
    /// Whether the tree was sent to the engine, so that nothing is written to this machine's disk.
    pub(super) sent: bool,
}

/// Whose disk ran full.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Disk {
    /// The one that the tree is on.
    Tree,
    /// The one on which the engine keeps containers and volumes.
    Engine,
    /// There is no telling.
    Unknown,
}

impl Circumstances {
    /// Says of a diagnosis what it means here. `full` is a file system of this machine that has no room left.
    pub(super) fn explain(
        self,
        found: Diagnosis,
        plan: &Plan,
        step: &Step,
        full: Option<&FileSystem>,
    ) -> Diagnosis {
        let cache = step.cache.as_deref();
        match found.failure {
            Kind::OutOfMemory => self.out_of_memory(found, plan),
            Kind::OutOfDisk => match self.disk(&found.line, cache, full) {
                Disk::Tree => tree_full(found, full),
                Disk::Engine => self.engine_full(found),
                Disk::Unknown => found,
            },
            _ => found,
        }
    }

    fn out_of_memory(self, found: Diagnosis, plan: &Plan) -> Diagnosis {
        let cause = match found.id.as_str() {
            "compiler-killed" => "the compiler was killed because the container ran out of memory",
            "killed" => "the container ran out of memory",
            _ => return found,
        };
        let cause = cause.to_owned();
        let Some(limit) = self.limit else {
            return Diagnosis { cause, ..found };
        };
        // A model that was wrong once is not believed again.
        let enough = self.least.filter(|least| *least > limit);
        let enough = enough.unwrap_or(Bytes::mib((limit.0 * 3 / 2).div_ceil(1 << 20)));
        let typed = format!("{}MiB", enough.0.div_ceil(1 << 20));
        Diagnosis {
            cause,
            fix: format!("It builds in {enough} on one job."),
            command: typed_with(plan, &["--jobs", "1", "--memory", &typed]),
            ..found
        }
    }

    /// What could not be written tells more than what is free by now: Go removes its temporary files when it fails.
    fn disk(self, line: &str, cache: Option<&str>, full: Option<&FileSystem>) -> Disk {
        let engine_is_full = self.data_root.is_none_or(|free| free < FULL);
        match file_of(line) {
            _ if self.sent => Disk::Engine,
            Some(file) if is_in_tree(file, cache) => Disk::Tree,
            Some(_) => Disk::Engine,
            None if full.is_some() => Disk::Tree,
            None if engine_is_full => Disk::Engine,
            None => Disk::Unknown,
        }
    }

    fn engine_full(self, found: Diagnosis) -> Diagnosis {
        let free = self.data_root.map(|free| format!("; {free} are free now"));
        let free = free.unwrap_or_default();
        Diagnosis {
            cause: format!(
                "the engine's disk is full, where it keeps Go's cache and the container's own files{free}"
            ),
            fix: "Make room on the engine; what kubewright keeps there for later goes first."
                .to_owned(),
            command: "kubewright engine gc --all".to_owned(),
            ..found
        }
    }
}

fn tree_full(found: Diagnosis, full: Option<&FileSystem>) -> Diagnosis {
    let folder = full.and_then(|system| Some((system.folders.first()?, system.free)));
    let place = folder.map(|(folder, free)| format!("; {free} are free at `{}`", folder.display()));
    Diagnosis {
        cause: format!(
            "the disk of the tree is full, not the engine's{}",
            place.unwrap_or_default()
        ),
        fix: "Make room there; `source gc` and `runs gc` remove what kubewright does not need any more."
            .to_owned(),
        ..found
    }
}

/// The file that could not be written, where the line names one: the last word before the system's reason.
fn file_of(line: &str) -> Option<&str> {
    let reason = ["o space left on device", "isk quota exceeded"];
    let end = reason.into_iter().find_map(|reason| line.find(reason))?;
    let before = line[..end].rsplit_once(": ")?.0;
    let word = before.split_whitespace().next_back()?;
    let word = word.trim_matches(['\'', '"', '`', '‘', '’', ':']);
    word.contains('/').then_some(word)
}

/// Whether a container's file lies in the tree and not in a volume that is mounted there: trees before 1.27 have Go's cache in
/// their `_output`.
fn is_in_tree(file: &str, cache: Option<&str>) -> bool {
    let inside = match file.strip_prefix('/') {
        None => file.trim_start_matches("./"),
        Some(_) => match file.strip_prefix(SOURCE) {
            Some(rest) => rest.trim_start_matches('/'),
            None => return false,
        },
    };
    cache
        .and_then(|cache| cache.strip_prefix("{source}/"))
        .is_none_or(|cache| !inside.starts_with(cache))
}

/// The command line that builds the plan, with these options beside its own.
fn typed_with(plan: &Plan, options: &[&str]) -> String {
    let mut words: Vec<String> = plan.command().iter().map(|word| quoted(word)).collect();
    // Behind `--` stand variables for make.
    let place = words.iter().position(|word| word == "--");
    let place = place.unwrap_or(words.len());
    words.splice(place..place, options.iter().map(ToString::to_string));
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Circumstances = Circumstances {
        limit: None,
        least: None,
        data_root: Some(Bytes::gib(9)),
        sent: false,
    };

    fn of_line(line: &str) -> Disk {
        BOUND.disk(line, Some("{source}/_output/dockerized/go/cache"), None)
    }

    #[test]
    fn what_could_not_be_written_tells_whose_disk_is_full() {
        for (disk, line) in [
            (
                Disk::Tree,
                "copying /tmp/go-build1/b001/exe/a.out: write _output/dockerized/go/bin/kubectl: no space left on device",
            ),
            (
                Disk::Tree,
                "mkdir: cannot create directory '/go/src/k8s.io/kubernetes/_output/dockerized/bin': No space left on device",
            ),
            (
                Disk::Tree,
                "rsync: [receiver] write failed on \"/go/src/k8s.io/kubernetes/_output/x\": No space left on device (28)",
            ),
            (
                Disk::Engine,
                "write /tmp/go-build1/b002/_pkg_.a: no space left on device",
            ),
            (
                Disk::Engine,
                "open /cache/build/12/345-a: disk quota exceeded",
            ),
            (
                Disk::Engine,
                "write /go/src/k8s.io/kubernetes/_output/dockerized/go/cache/01/a: no space left on device",
            ),
            (
                Disk::Unknown,
                "/usr/bin/ld: final link failed: No space left on device",
            ),
        ] {
            assert_eq!(of_line(line), disk, "{line}");
        }
    }

    #[test]
    fn without_a_file_the_disk_without_room_is_it() {
        let line = "ld: final link failed: No space left on device";
        let full = FileSystem {
            device: 1,
            free: Bytes(0),
            total: Bytes::gib(1),
            folders: vec!["/tree".into()],
            read_ahead: None,
        };
        assert_eq!(BOUND.disk(line, None, Some(&full)), Disk::Tree);
        let engine = Circumstances {
            data_root: Some(Bytes(0)),
            ..BOUND
        };
        assert_eq!(engine.disk(line, None, None), Disk::Engine);
    }

    #[test]
    fn nothing_is_written_here_where_the_tree_was_sent() {
        let sent = Circumstances {
            sent: true,
            ..BOUND
        };
        let line = "write _output/dockerized/bin/kubectl: no space left on device";
        assert_eq!(sent.disk(line, None, None), Disk::Engine);
    }
}
