//! What programs read: events, plans, plain text without escape codes.

use insta::assert_snapshot;
use kubewright::report::{Envelope, Event};

use crate::harness::TestEnvironment;

/// What each event is, with runs of the same kind as one.
fn kinds(events: &[Envelope]) -> Vec<String> {
    let mut kinds: Vec<String> = events
        .iter()
        .map(|event| {
            let json = serde_json::to_value(&event.event).unwrap();
            json["kind"].as_str().unwrap().to_owned()
        })
        .filter(|kind| !["progress", "step_progress", "note", "warning"].contains(&kind.as_str()))
        .collect();
    kinds.dedup();
    kinds
}

fn events(text: &str) -> Vec<Envelope> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

fn plan(text: &str) -> kubewright::plan::Plan {
    let planned = events(text)
        .into_iter()
        .find_map(|envelope| match envelope.event {
            Event::Planned { plan } => Some(*plan),
            _ => None,
        });
    planned.expect("there is no plan among the events")
}

#[test]
fn events_are_one_json_object_a_line() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let built = environment
        .kubewright("build component kubectl --repo demo --message-format json -q")
        .success();
    assert_eq!(built.stderr, "");
    let events = events(&built.stdout);
    assert_snapshot!(kinds(&events).join(" "), @r"run_started source_ready preflight toolchain_ready planned step_started output step_finished artifact_ready run_finished");
    let run = environment.manifest().run;
    assert!(
        events
            .iter()
            .all(|event| event.run == run && event.schema == 1)
    );
    let times: Vec<jiff::Timestamp> = events
        .iter()
        .map(|event| event.time.parse().unwrap())
        .collect();
    assert!(times.is_sorted());
    let of_step = |event: &&Envelope| event.step.as_deref() == Some("make-kubectl");
    assert!(events.iter().filter(of_step).count() > 3);
    // The same lines lie in the run's folder, without the output, which has a log of its own, and without progress.
    let kept = environment.path(&format!("home/runs/{run}/events.jsonl"));
    let lasting = built.stdout.lines().filter(|line| {
        let transient = ["output", "progress", "step_progress"];
        !transient
            .iter()
            .any(|kind| line.contains(&format!(r#""kind":"{kind}""#)))
    });
    let kept = std::fs::read_to_string(kept).unwrap();
    assert!(kept.lines().eq(lasting), "{kept}");
    let Some(Event::RunFinished {
        exit_code: 0,
        error: None,
        ..
    }) = events.last().map(|event| &event.event)
    else {
        panic!("{:?}", events.last());
    };
}

#[test]
fn a_failure_is_the_last_event() {
    let environment = TestEnvironment::new();
    let failed = environment
        .kubewright("build component kubctl --repo demo --message-format json")
        .code(2);
    let events = events(&failed.stdout);
    assert_snapshot!(kinds(&events).join(" "), @r"run_started source_ready run_finished");
    let Some(Event::RunFinished {
        exit_code: 2,
        error: Some(error),
        ..
    }) = events.last().map(|event| &event.event)
    else {
        panic!("{:?}", events.last());
    };
    assert_eq!(error.hints[0], "did you mean `kubectl` or `kubelet`?");
    assert_eq!(environment.manifest().error.as_ref(), Some(error));
}

#[test]
fn a_plan_is_printed_and_nothing_is_built() {
    let environment = TestEnvironment::new();
    assert_snapshot!(environment.kubewright("build component kubectl kubelet --repo demo --ref v0.1.0 --dry-run -- DBG=1"), @r"
          source  demo v0.1.0 (27d599dd7f4362c3add96b9260a675249ef6fa84)
         version  v0.1.0
       toolchain  go1.[N] from PATH, as asked for

    step make-kubectl-kubelet
             why  kubectl and kubelet were asked for, for [PLATFORM]
         command  make all 'WHAT=cmd/kubectl cmd/kubelet' KUBE_BUILD_PLATFORMS=[PLATFORM] DBG=1
          folder  {source}
     environment  FORCE_HOST_GO=y
                  GOENV=off
                  GOFLAGS=-buildvcs=false
                  GOTOOLCHAIN=local
                  HOME={home}
                  KUBE_GIT_VERSION_FILE={run}/version
                  LC_ALL=C
                  PATH={toolchain}/bin:{path}
                  SOURCE_DATE_EPOCH=1677747600
                  TERM=dumb
       passes on  HTTP_PROXY
                  HTTPS_PROXY
                  NO_PROXY
                  http_proxy
                  https_proxy
                  no_proxy
                  SSL_CERT_FILE
                  SSL_CERT_DIR
                  TMPDIR
           tools  make: Kubernetes is built by make
                  bash: the tree's build scripts are written in bash
                  rsync: binaries are placed by rsync in this tree; without it make ends with 0 and leaves no binary
                  gcc: kubelet is built with cgo
          leaves  _output/local/bin/[PLATFORM]/kubectl · key ec98e04d5181
                  _output/local/bin/[PLATFORM]/kubelet · key 0b5117f63edd
    ------- stderr -------
       Source  v0.1.0 (27d599d) ready in [TIME]
    ");
    assert!(environment.runs().is_empty());
    assert!(!environment.checkout("v0.1.0").join("_output").exists());
    let planned = environment
        .kubewright("build component kubectl --repo demo --dry-run --message-format json")
        .success();
    assert_eq!(kinds(&events(&planned.stdout)), ["source_ready", "planned"]);
    assert_eq!(plan(&planned.stdout).steps.len(), 1);
    let home = environment.root().to_str().unwrap();
    assert!(
        !planned.stdout.contains(home),
        "a plan names no path of this machine"
    );
}

#[test]
fn the_plan_of_a_dry_run_is_the_one_that_is_carried_out() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let line = "build component kubectl --repo demo --message-format json";
    let dry = environment
        .kubewright(&format!("{line} --dry-run"))
        .success();
    let wet = environment.kubewright(line).success();
    assert_eq!(plan(&dry.stdout), plan(&wet.stdout));
    assert_eq!(Some(plan(&dry.stdout)), environment.manifest().plan);
}

#[test]
fn no_terminal_no_escape_codes() {
    for (name, value) in [
        ("CI", "1"),
        ("NO_COLOR", "1"),
        ("TERM", "dumb"),
        ("LC_ALL", "C"),
    ] {
        let mut environment = TestEnvironment::new();
        environment.set(name, value);
        for line in [
            "build component kubctl --repo demo",
            "targets --repo demo",
            "doctor",
            "--help",
            "bild",
        ] {
            let output = environment.kubewright(line);
            assert!(
                !format!("{}{}", output.stdout, output.stderr).contains('\x1b'),
                "{name}: {output}"
            );
        }
    }
}

#[test]
fn colours_on_a_terminal_only_where_they_are_wanted() {
    // `script` gives the binary a terminal.
    let mut environment = TestEnvironment::new();
    environment.set("TERM", "xterm");
    let run = |environment: &TestEnvironment| {
        let line = format!(
            "{} build component kubctl --repo demo",
            env!("CARGO_BIN_EXE_kubewright")
        );
        environment
            .finish(
                environment
                    .program("script")
                    .args(["-qec", &line, "/dev/null"]),
            )
            .stdout
    };
    let colour = "\x1b[1m";
    assert!(run(&environment).contains(colour));
    environment.set("NO_COLOR", "1");
    assert!(!run(&environment).contains(colour));
    // Not even the codes of a progress line.
    let mut environment = TestEnvironment::new();
    environment.set("TERM", "dumb");
    assert!(!run(&environment).contains('\x1b'));
}

#[test]
fn a_reader_that_goes_away_ends_the_run() {
    let environment = TestEnvironment::new();
    // Data verbs end well, as under `head`.
    let line = format!(
        "{} targets --repo demo | head -n 1; echo ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_kubewright")
    );
    let head = environment.bash(&environment.path("work"), &line);
    assert_snapshot!(head, @r"
    NAME                    KIND       WHAT IT DOES
    0
    ");
}

#[test]
fn standard_output_on_a_full_disk_is_an_error() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    for line in [
        "runs list",
        "--version",
        "build component kubectl --repo demo --dry-run",
        "build component kubectl --repo demo --message-format json -q",
        "build component kubectl --repo demo -q",
    ] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let run = environment.finish(environment.command(&words).stdout(full));
        let run = run
            .code(6)
            .says("error: cannot write standard output\n  caused by: No space left on device");
        assert!(!run.stderr.contains("interrupted"), "{line}: {run}");
    }
}

#[test]
fn a_reader_of_paths_that_has_read_enough_ends_no_build() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let line = format!(
        "{} build component kubectl kubeadm --repo demo -q | true; echo ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_kubewright")
    );
    let run = environment.bash(&environment.path("work"), &line);
    assert_snapshot!(run, @"0");
    environment.kubewright("artifacts verify").success();
}
