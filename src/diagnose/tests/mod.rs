//! The table, proved on its examples; which row wins; what evidence changes.

mod lines;

use std::collections::BTreeSet;

use super::command::{CONTEXT, replace};
use super::*;

fn diagnoses() -> &'static Diagnoses {
    Diagnoses::embedded().unwrap()
}

fn scan(log: &str, evidence: &Evidence<'_>) -> Option<Diagnosis> {
    diagnoses().scan(log.as_bytes(), evidence).unwrap()
}

/// The id for a log alone.
fn id_of(log: &str) -> Option<String> {
    scan(log, &Evidence::default()).map(|diagnosis| diagnosis.id)
}

#[test]
fn every_row_is_proved_by_its_example() {
    for row in diagnoses().rows() {
        if let Some(example) = &row.example {
            let diagnosis = scan(example.trim_start(), &Evidence::default());
            assert_eq!(diagnosis.map(|it| it.id), Some(row.id.clone()), "{example}");
        }
    }
}

#[test]
fn every_row_is_proved_in_the_log_of_a_ci() {
    for row in diagnoses().rows() {
        let Some(example) = &row.example else {
            continue;
        };
        let log = example
            .trim_start()
            .lines()
            .map(|line| format!("2026-11-22T10:00:00.1234567Z \x1b[36;1m{line}\x1b[0m\r"))
            .collect::<Vec<_>>()
            .join("\n");
        let diagnosis = scan(&log, &Evidence::default()).unwrap_or_else(|| panic!("{log}"));
        assert_eq!(diagnosis.id, row.id, "{log}");
        let plain = |line: &str| line.trim() == diagnosis.line;
        assert!(example.lines().any(plain), "{}: {}", row.id, diagnosis.line);
    }
}

#[test]
fn every_row_is_complete() {
    let mut ids = BTreeSet::new();
    for row in diagnoses().rows() {
        let id = &row.id;
        assert!(ids.insert(id), "{id} twice");
        assert!(row.rank > 0, "{id}");
        assert!(row.link.starts_with("https://"), "{id}");
        assert!(!row.command.trim().is_empty(), "{id}");
        assert!(row.fix.ends_with('.'), "{id}: {}", row.fix);
        let word = row.cause.split(&[' ', '\'']).next().unwrap();
        let fragment = word == "Go"
            || word.starts_with('`')
            || word == word.to_lowercase()
            || word == word.to_uppercase();
        assert!(fragment, "{id}: {}", row.cause);
        assert!(!row.cause.ends_with('.'), "{id}: {}", row.cause);
        assert!(!row.patterns.is_empty() || row.needs.is_some(), "{id}");
        assert_eq!(row.example.is_some(), !row.patterns.is_empty(), "{id}");
    }
}

/// What is no failure of a step alone, by the published table of exit codes.
#[test]
fn rows_with_an_exit_code_of_their_own() {
    let of = |code: u8| -> Vec<&str> {
        let rows = diagnoses().rows().iter();
        rows.filter(|row| row.failure.kind().exit_code() == code)
            .map(|row| row.id.as_str())
            .collect()
    };
    let source = [
        "go-version-file-missing",
        "go-download",
        "proxy",
        "version-missing",
        "version-not-semantic",
        "verify-needs-upstream",
        "clone-interrupted",
        "no-network",
        "objects-missing",
        "registry-unreachable",
    ];
    assert_eq!(of(4), source);
    let memory = [
        "compiler-killed",
        "runtime-out-of-memory",
        "platforms-in-parallel",
        "small-engine-memory",
        "killed",
    ];
    assert_eq!(of(5), memory);
    assert_eq!(of(6), ["no-space", "disk-full"]);
    assert_eq!(of(7), ["engine-unreachable"]);
    let others = source.len() + memory.len() + 3;
    assert_eq!(of(1).len(), diagnoses().rows().len() - others);
}

#[test]
fn every_open_place_can_be_filled() {
    for row in diagnoses().rows() {
        for text in [&row.cause, &row.fix, &row.command] {
            let filled = replace(text, |name| {
                let group = format!("(?P<{name}>");
                let in_all = row.patterns.iter().all(|pattern| pattern.contains(&group));
                let known = CONTEXT.contains(&name) || (in_all && !row.patterns.is_empty());
                assert!(known, "{}: {{{name}}}", row.id);
                String::new()
            });
            assert!(!filled.contains("{build"), "{}", row.id);
        }
    }
}

#[test]
fn the_most_specific_row_wins_and_then_the_first_line() {
    // What raw make prints in a 1.28 tree with a newer Go and no network.
    let gimme_first = "\
I don't have any idea what to do with '1.21.7'.
  (using download type 'auto')
go: download go1.21.7 for linux/amd64: toolchain not available
make: *** [Makefile:511: kubectl] Error 1
";
    let diagnosis = scan(gimme_first, &Evidence::default()).unwrap();
    assert_eq!(
        (diagnosis.id.as_str(), diagnosis.line_number),
        ("gimme", Some(1))
    );
    assert_eq!(diagnosis.command, "kubewright toolchain install 1.21.7");

    let killed_after_errors = "\
pkg/a.go:1:1: undefined: x
k8s.io/api: /usr/local/go/pkg/tool/linux_amd64/compile: signal: killed
";
    let diagnosis = scan(killed_after_errors, &Evidence::default()).unwrap();
    assert_eq!(diagnosis.id, "compiler-killed");
    assert_eq!(diagnosis.failure.kind().exit_code(), 5);

    let two_errors = "# k8s.io/api\nstaging/src/k8s.io/api/b.go:2:2: first\nstaging/src/k8s.io/api/a.go:1:1: second\n";
    let diagnosis = scan(two_errors, &Evidence::default()).unwrap();
    assert_eq!(diagnosis.line_number, Some(2));
    assert_eq!(
        diagnosis.cause,
        "the code does not compile: the first error is in `staging/src/k8s.io/api/b.go`"
    );
}

#[test]
fn evidence_speaks_where_the_log_is_silent() {
    let id = |evidence: Evidence<'_>| scan("make: x\n", &evidence).map(|diagnosis| diagnosis.id);
    let killed = Some("killed".to_owned());
    let exited = |code| Evidence {
        exit_code: Some(code),
        ..Evidence::default()
    };
    assert_eq!(id(exited(137)), killed);
    assert_eq!(id(exited(2)), None);
    assert_eq!(
        id(Evidence {
            signal: Some(9),
            ..Evidence::default()
        }),
        killed
    );
    assert_eq!(
        id(Evidence {
            oom_killed: true,
            ..exited(2)
        }),
        killed
    );
    assert_eq!(
        id(Evidence {
            disk_full: true,
            ..exited(2)
        }),
        Some("disk-full".to_owned())
    );
    let absent = |code| Evidence {
        missing_artifact: true,
        ..exited(code)
    };
    assert_eq!(id(absent(0)), Some("green-without-binary".to_owned()));
    assert_eq!(id(absent(2)), None);
}

#[test]
fn evidence_decides_what_a_line_means() {
    let parallel = "+++ [1122 10:00:00] Multiple platforms requested and available 62G >= threshold 20G, building platforms in parallel\n";
    assert_eq!(id_of(parallel), None);
    let killed = Evidence {
        exit_code: Some(2),
        oom_killed: true,
        ..Evidence::default()
    };
    let diagnosis = scan(parallel, &killed).unwrap();
    assert_eq!(diagnosis.id, "platforms-in-parallel");

    let engine = |used| Evidence {
        engine: Some(used),
        ..Evidence::default()
    };
    let log = "!!! [1122 10:00:00] Could not connect to rsync container.\n";
    assert!(scan(log, &engine(true)).is_some());
    assert!(scan(log, &engine(false)).is_none());
}

#[test]
fn the_command_repeats_what_was_typed() {
    let evidence = Evidence {
        build: Some("kubewright build component kubectl --ref v1.34.1 --go host -- DBG=1"),
        ..Evidence::default()
    };
    let command = |log| scan(log, &evidence).unwrap().command;
    assert_eq!(
        command("compile: signal: killed"),
        "kubewright build component kubectl --ref v1.34.1 --go host --jobs 1 -- DBG=1"
    );
    assert_eq!(
        command("Kubernetes requires go1.20 or greater."),
        "kubewright build component kubectl --ref v1.34.1 -- DBG=1"
    );
}

#[test]
fn a_raw_log_tells_the_component() {
    let log = "\
+++ [1122 10:00:00] Building go targets for linux/amd64
    k8s.io/kubernetes/cmd/kubelet (non-static)
compile: signal: killed
";
    let expected = "kubewright build component kubelet --source . --jobs 1";
    let command = |log| scan(log, &Evidence::default()).unwrap().command;
    assert_eq!(command(log), expected);
    let by_target = "compile: signal: killed\nmake: *** [Makefile:507: kubelet] Error 2\n";
    assert_eq!(command(by_target), expected);
}

#[test]
fn a_failed_read_is_an_error() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("gone"))
        }
    }
    let log = std::io::BufReader::new(Broken);
    let error = diagnoses().scan(log, &Evidence::default()).unwrap_err();
    assert!(matches!(error, DiagnoseError::Read(_)));
}
