//! kubewright killed at any moment leaves nothing that the next run trips over.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::harness::{TestEnvironment, running_below, wait_until};

/// The same moments in every test run, as far as the machine's speed allows: xorshift.
struct Moments(u64);

impl Moments {
    /// Some part of a whole.
    fn within(&mut self, whole: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        whole.mul_f64((self.0 % 1000) as f64 / 1000.0)
    }
}

/// Starts a command and kills it; `true` if it was still running.
fn kill_after(environment: &TestEnvironment, line: &str, moment: Duration) -> bool {
    let started = Instant::now();
    let mut run = environment.start(line);
    while started.elapsed() < moment && !run.is_over() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let running = !run.is_over();
    if running {
        run.signal(Signal::KILL);
    }
    run.wait();
    running
}

fn duration(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

#[test]
fn builds() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    // A variable that make does not know makes another artifact of the same packages: nothing is taken from earlier runs.
    let line = |number: usize| format!("build component kubectl --repo demo -- NUMBER={number}");
    let mut whole = duration(|| {
        environment.kubewright(&line(0)).success();
    });
    let mut moments = Moments(0x2545_F491_4F6C_DD1D);
    let mut killed = 0;
    for number in 1.. {
        assert!(number < 100, "only {killed} runs were killed");
        killed += usize::from(kill_after(
            &environment,
            &line(number),
            moments.within(whole),
        ));
        // The machine may be busier or quieter by now.
        whole = duration(|| {
            let next = environment.kubewright(&line(number)).success();
            assert_eq!(next.lines().len(), 1, "{next}");
        });
        if killed == 30 {
            break;
        }
    }
    nothing_is_broken(&environment);
}

#[test]
fn sources() {
    let mut moments = Moments(0x9E37_79B9_7F4A_7C15);
    let line = "targets --repo demo --ref v0.1.0";
    let whole = duration(|| {
        TestEnvironment::new().kubewright(line).success();
    });
    for _ in 0..10 {
        let environment = TestEnvironment::new();
        kill_after(&environment, line, moments.within(whole));
        kill_after(&environment, line, moments.within(whole));
        environment.kubewright(line).success();
        let tree = environment.checkout("v0.1.0");
        let state = environment
            .bash(
                &tree,
                "git fsck --strict --no-dangling 2>&1 && git status --porcelain",
            )
            .success();
        assert_eq!(state.stdout, "");
    }
}

fn nothing_is_broken(environment: &TestEnvironment) {
    wait_until("no process is left", || {
        running_below(environment.root()).is_empty()
    });
    environment.kubewright("artifacts verify").success();
    let listed = environment
        .kubewright("artifacts list --format json")
        .success()
        .json();
    let listed = listed["artifacts"].as_array().unwrap();
    assert!(listed.len() >= 31);
    for artifact in listed {
        let run = artifact["run"].as_str().unwrap();
        environment.run(&["artifacts", "verify", run]).success();
        let file = std::fs::metadata(artifact["file"].as_str().unwrap()).unwrap();
        assert_eq!(file.len(), artifact["artifact"]["size"].as_u64().unwrap());
    }
    // What was killed is told from what runs, and goes with the others.
    let runs = environment.kubewright("runs list").success();
    assert!(!runs.stdout.contains("running"), "{runs}");
    assert!(runs.stdout.contains("killed"), "{runs}");
    environment.kubewright("runs gc --keep 0").success();
    // A folder that was just opened could be that of a run that begins.
    let has_begun = |run: &std::path::PathBuf| run.join("manifest.json").exists();
    assert!(!environment.runs().iter().any(has_begun));
}
