//! `cargo xtask stamps`: what kubewright says of random commits of a repository, held against Git and against the script that
//! stamps the binaries of each (`hack/lib/version.sh`).

use std::path::Path;

use clap::Args;
use kubewright::plan::Plan;
use kubewright::report::{Envelope, Event};

use super::dice::Dice;
use super::{Failure, built_kubewright};

/// Which commits are asked about.
#[derive(Args, Debug)]
pub(super) struct StampsArgs {
    /// A repository in a folder, with all its objects
    #[arg(long, value_name = "DIR")]
    repo: std::path::PathBuf,
    /// How many commits
    #[arg(long, default_value_t = 500)]
    commits: usize,
    /// Other seeds draw other commits
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// What was asked, and what agreed.
#[derive(Debug, Default)]
struct Tally {
    described: usize,
    stamped: usize,
    unstamped: usize,
    differ: usize,
}

/// Asks about each commit, in a clone whose tree is changed from one to the next.
pub(super) fn run(arguments: &StampsArgs) -> Result<(), Failure> {
    let program = built_kubewright()?;
    let room = tempfile::tempdir()?;
    let tree = room.path().join("tree");
    duct::cmd!(
        "git",
        "clone",
        "--quiet",
        "--shared",
        "--no-checkout",
        &arguments.repo,
        &tree
    )
    .run()?;
    let commits = duct::cmd!("git", "rev-list", "--all").dir(&tree).read()?;
    let commits: Vec<&str> = commits.lines().collect();
    let mut tally = Tally::default();
    for number in 0..arguments.commits {
        let commit = commits[Dice::new(arguments.seed, number as u64).below(commits.len())];
        duct::cmd!("git", "checkout", "--quiet", "--force", "--detach", commit)
            .dir(&tree)
            .run()?;
        duct::cmd!("git", "clean", "-ffdxq").dir(&tree).run()?;
        ask(&program, room.path(), &tree, commit, &mut tally)?;
    }
    eprintln!("{tally:?}");
    if tally.differ > 0 {
        return Err(format!("{} of {} differ", tally.differ, arguments.commits).into());
    }
    Ok(())
}

fn ask(
    program: &Path,
    home: &Path,
    tree: &Path,
    commit: &str,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let (version, plan) = said(program, home, tree)?;
    let described = plan.and_then(|plan| plan.source.stamp.described);
    if let Some(described) = described {
        tally.described += 1;
        tally.compare(
            commit,
            "git describe",
            Some(&described),
            git_describe(tree).as_ref(),
        );
    }
    let upstream = upstream_stamp(tree);
    match upstream {
        Some(_) => tally.stamped += 1,
        None => tally.unstamped += 1,
    }
    tally.compare(commit, "the stamp", version.as_ref(), upstream.as_ref());
    Ok(())
}

impl Tally {
    fn compare(
        &mut self,
        commit: &str,
        what: &str,
        ours: Option<&String>,
        theirs: Option<&String>,
    ) {
        if ours != theirs {
            self.differ += 1;
            eprintln!("{commit}: {what}: kubewright {ours:?}, upstream {theirs:?}");
        }
    }
}

/// The version of a tree by kubewright's events, and the plan where it comes to one.
fn said(
    program: &Path,
    home: &Path,
    tree: &Path,
) -> Result<(Option<String>, Option<Plan>), Failure> {
    let output = duct::cmd!(
        program,
        "build",
        "component",
        "kubectl",
        "--dry-run",
        "--message-format",
        "json",
        "--source",
        tree
    )
    .env("KUBEWRIGHT_HOME", home.join("home"))
    .stdin_null()
    .stderr_null()
    .stdout_capture()
    .unchecked()
    .run()?;
    let (mut version, mut plan) = (None, None);
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        match serde_json::from_str::<Envelope>(line)?.event {
            Event::SourceReady { version: said, .. } => version = said,
            Event::Planned { plan: said } => plan = Some(*said),
            _ => {}
        }
    }
    Ok((version, plan))
}

fn git_describe(tree: &Path) -> Option<String> {
    // Trees restrict the tags by what they were at the time.
    let script = "pattern=$(sed -n \"s/.*describe .*--match[= ]'\\([^']*\\)'.*/\\1/p\" hack/lib/version.sh | head -1); \
                  git describe --tags ${pattern:+--match=$pattern} --abbrev=14 HEAD";
    let said = duct::cmd!("bash", "-fc", script)
        .dir(tree)
        .stderr_null()
        .read();
    said.ok()
}

/// The version that the tree's own script gives, by Git and without what kubewright knows.
pub(super) fn upstream_stamp(root: &Path) -> Option<String> {
    let script = "set +o nounset; KUBE_ROOT=$PWD; KUBE_GO_PACKAGE=k8s.io/kubernetes; \
                  source hack/lib/version.sh; kube::version::get_version_vars; printf %s \"$KUBE_GIT_VERSION\"";
    let output = duct::cmd!("bash", "-c", script)
        .dir(root)
        .env_remove("KUBE_GIT_VERSION_FILE")
        .stderr_null()
        .stdout_capture()
        .unchecked()
        .run()
        .ok()?;
    let version = String::from_utf8(output.stdout).ok()?;
    (!version.is_empty()).then_some(version)
}
