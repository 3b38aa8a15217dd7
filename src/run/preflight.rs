//! The checks before a plan is carried out on this host, and what each of its steps is given.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::Allotment;
use crate::bytes::Bytes;
use crate::host::{
    Attempt, Budget, Check, Choice, DiskClaim, DiskNeed, DiskWork, HostFacts, Model, Need,
    OutputFacts, PastRun, Preflight, ProbeRequest, Share, Status, TooLittle, Tool, TreeAge,
    Workload,
};
use crate::plan::{Goal, Plan, Step};
use crate::platform::Platform;
use crate::report::runs::Earlier;
use crate::source;
use crate::tree::{self, DiskFiles, RemarkKind, TreeFacts};

/// Where a plan is to be carried out, and within which limits.
pub struct Ground<'a> {
    /// The tree.
    pub source: &'a Path,
    /// kubewright's home, where artifacts are kept.
    pub home: &'a Path,
    /// Where temporary files go.
    pub temporary: &'a Path,
    /// What getting the toolchain will write into the home.
    pub toolchain: Bytes,
    /// The caller's `PATH`.
    pub path: &'a OsStr,
    /// The memory that may be planned with, where the user limits it.
    pub memory: Option<Bytes>,
    /// Whether the user says which Go builds, rather than the tree.
    pub go_is_named: bool,
    /// How many packages may be compiled at once, where the user limits it.
    pub jobs: Option<u32>,
    /// How many CPUs may be used, in thousandths of one, where the user limits it.
    pub cpu_millis: Option<u64>,
}

/// What the checks found, and what was chosen.
pub struct Survey {
    /// The host.
    pub host: HostFacts,
    /// The checks.
    pub preflight: Preflight,
    /// What each step is given, by its id.
    pub allotments: BTreeMap<String, Allotment>,
    /// What was chosen, and why, in one line; empty where nothing had to be chosen.
    pub choice: String,
}

/// Looks at the host and judges whether it can carry the plan out.
pub fn survey(plan: &Plan, tree: &TreeFacts, ground: &Ground<'_>, model: &Model) -> Survey {
    let needs = needs(&plan.steps.iter().collect::<Vec<_>>());
    let tools: Vec<Tool> = needs.iter().map(|need| need.tool).collect();
    let claims = claims(plan, ground);
    let folders: Vec<PathBuf> = claims.iter().map(|claim| claim.folder.clone()).collect();
    let engine = needs.iter().any(|need| need.tool == Tool::Docker);
    let request = ProbeRequest {
        folders: &folders,
        tools: &tools,
        engine,
        ..ProbeRequest::new(ground.path)
    };
    let mut host = HostFacts::probe(&request);
    host.cpus = host.cpus.within(ground.cpu_millis);

    let budget = host.budget(ground.memory, &output(ground));
    let choices = choices(plan, &host, &budget, ground, model);
    let tightest = tightest(&choices);
    let mut checks = Vec::new();
    if let Some(outcome) = &tightest {
        checks.push(Check::memory(host.memory.as_ref(), ground.memory, outcome));
    }
    checks.push(Check::disk(&host.file_systems, &claims));
    checks.push(Check::toolchain(&plan.toolchain.version, ""));
    checks.push(Check::cpus(&host.cpus));
    checks.extend(Check::tools(&host.tools, &needs));
    checks.extend(cross_compilers(plan, ground.path));
    checks.extend(host.engine.as_ref().map(Check::engine));
    checks.push(Check::path(ground.source, ground.home));
    checks.push(Check::output(&OutputFacts::probe(ground.source)));
    checks.extend(tree_checks(plan, tree, ground));
    checks.extend(missing_files(plan, tree, ground));

    Survey {
        choice: said(tightest.as_ref(), model),
        allotments: plan
            .steps
            .iter()
            .map(|step| (step.id.clone(), allot(step, &choices, &host)))
            .collect(),
        preflight: Preflight { checks },
        host,
    }
}

/// Whether the tree came with its modes, links and dotfiles, and is not too old.
pub(super) fn tree_checks(plan: &Plan, tree: &TreeFacts, ground: &Ground<'_>) -> [Check; 4] {
    let remarked = |kind| tree.remarks.iter().any(|remark| remark.kind == kind);
    let go = &tree.go;
    let offered = go.version.as_deref().zip(go.read_from.as_deref());
    let used = plan.toolchain.version.parse().ok();
    [
        Check::executable_scripts(ground.source, !remarked(RemarkKind::NotExecutable)),
        Check::makefile_link(ground.source, remarked(RemarkKind::MakefileIsText)),
        Check::go_version_file(
            remarked(RemarkKind::GoVersionFileMissing),
            ground.go_is_named,
            offered,
        ),
        Check::go_age(used.as_ref(), go.read_from.as_deref()),
    ]
}

/// Whether the checkout has what is compiled. Only where Git names files that are not there is it looked at, for that reads
/// as much of the tree as the compiler does.
pub(super) fn missing_files(plan: &Plan, tree: &TreeFacts, ground: &Ground<'_>) -> Vec<Check> {
    let gone = plan.source.changes.iter();
    let gone: Vec<&str> = gone.filter_map(|line| line.strip_prefix(" D ")).collect();
    if gone.is_empty() {
        return Vec::new();
    }
    let files = DiskFiles::new(ground.source);
    let artifacts = plan.steps.iter().flat_map(|step| &step.artifacts);
    let checks = artifacts.filter_map(|artifact| {
        let package = &tree.component(&artifact.name).ok()?.package;
        let needed = tree::needed(&files, package, &artifact.platform, &gone).ok()?;
        Some(Check::files(ground.source, &artifact.name, &needed))
    });
    let failed = checks.filter(|check| check.status != Status::Passed);
    failed.take(1).collect()
}

/// The model of a plan's era, corrected by what earlier runs of this repository on this host measured of that era. A run whose
/// packages were cached took less than a cold one would, and says nothing of it.
pub fn model_of(plan: &Plan, model: Model, earlier: &[Earlier]) -> Model {
    let model = model.of_age(&age(plan));
    let is_like = |other: &Plan| {
        other.source.repository == plan.source.repository && model.speaks_of(&age(other))
    };
    let mut runs = Vec::new();
    for Earlier { manifest, .. } in earlier {
        let plan = manifest.plan.as_ref();
        let Some(plan) = plan.filter(|plan| is_like(plan)) else {
            continue;
        };
        for record in &manifest.steps {
            let step = plan.steps.iter().find(|step| step.id == record.step);
            let last = record
                .attempts
                .last()
                .filter(|attempt| attempt.exit_code == Some(0) && attempt.was_cold());
            if let (Some(step), Some(last)) = (step, last) {
                runs.push(PastRun {
                    workload: workload(step),
                    attempt: last.attempt,
                    peak: last.peak,
                });
            }
        }
    }
    model.corrected(&runs)
}

fn age(plan: &Plan) -> TreeAge {
    TreeAge {
        go: plan.toolchain.version.parse().ok(),
        // What a tree generates anew is what is put back.
        generates: plan.steps.iter().any(|step| !step.puts_back.is_empty()),
    }
}

pub(super) fn workload(step: &Step) -> Workload {
    if step.compiles == ["all"] {
        Workload::all()
    } else {
        Workload::of(&step.compiles)
    }
}

/// What was chosen for each step of which it is known what it compiles.
pub(super) type Choices<'a> = Vec<(&'a Step, Result<Share, TooLittle>)>;

pub(super) fn choices<'a>(
    plan: &'a Plan,
    host: &HostFacts,
    budget: &Budget,
    ground: &Ground<'_>,
    model: &Model,
) -> Choices<'a> {
    let cells = plan.steps.iter().filter(|step| step.is_cell()).count() as u32;
    let compiling = plan.steps.iter().filter(|step| !step.compiles.is_empty());
    compiling
        .map(|step| {
            let beside = if step.is_cell() { cells } else { 1 };
            let cpus = host.cpus.count;
            let workload = workload(step);
            let share = model.share(&workload, budget.clone(), cpus, ground.jobs, beside);
            (step, share)
        })
        .collect()
}

/// Where the build writes, and Go keeps what it compiled.
fn output(ground: &Ground<'_>) -> PathBuf {
    ground.source.join("_output")
}

/// The choice that decides whether the plan can be carried out: one that is impossible, else the one that takes most.
/// What runs at once with it is counted in.
pub(super) fn tightest(choices: &Choices<'_>) -> Option<Result<Choice, TooLittle>> {
    let outcomes = choices.iter().map(|(_, share)| match share {
        Ok(share) => Ok(share.together()),
        Err(too_little) => Err(too_little.clone()),
    });
    outcomes.max_by_key(|outcome| match outcome {
        Ok(choice) => choice.needed,
        Err(_) => Bytes(u64::MAX),
    })
}

pub(super) fn said(choice: Option<&Result<Choice, TooLittle>>, model: &Model) -> String {
    let Some(Ok(choice)) = choice else {
        return String::new();
    };
    let era = model.era().map(|era| format!(" as for trees {era}"));
    format!(
        "{}, forecast {}{}",
        choice.reason,
        choice.forecast,
        era.unwrap_or_default()
    )
}

pub(super) fn allot(step: &Step, choices: &Choices<'_>, host: &HostFacts) -> Allotment {
    let choice = choices
        .iter()
        .find(|(chosen, _)| chosen.id == step.id)
        .map(|(_, outcome)| outcome);
    match choice {
        Some(Ok(share)) => Allotment {
            attempt: share.each.attempt,
            forecast: Some(share.each.forecast),
            least: None,
            at_once: share.at_once,
        },
        Some(Err(too_little)) => Allotment {
            attempt: too_little.attempt,
            least: Some(too_little.least),
            ..Allotment::default()
        },
        None => {
            let jobs = host.cpus.count;
            Allotment {
                attempt: Attempt {
                    jobs,
                    gomaxprocs: jobs,
                    gogc: None,
                },
                ..Allotment::default()
            }
        }
    }
}

/// The tools that steps call.
pub(super) fn needs(steps: &[&Step]) -> Vec<Need> {
    let mut needs: Vec<Need> = Vec::new();
    for step in steps {
        for need in &step.tools {
            // A compiler for another platform is looked for by its own name.
            let foreign = step
                .artifacts
                .iter()
                .all(|artifact| artifact.platform != Platform::host());
            let cross = need.tool == Tool::Cc && foreign && !step.artifacts.is_empty();
            if !cross && needs.iter().all(|known| known.tool != need.tool) {
                needs.push(Need::required(need.tool, &step.title, &need.why));
            }
        }
    }
    needs
}

fn cross_compilers(plan: &Plan, path: &OsStr) -> Vec<Check> {
    let steps = plan
        .steps
        .iter()
        .filter(|step| step.tools.iter().any(|need| need.tool == Tool::Cc));
    let platforms = steps
        .filter_map(|step| step.artifacts.first())
        .map(|artifact| &artifact.platform);
    platforms
        .filter(|platform| **platform != Platform::host())
        .filter_map(|platform| Check::cross_compiler(platform, &plan.request.variables, path))
        .collect()
}

/// What is written where: the build's output in the tree, what is linked in the temporary folder, copies in the home.
fn claims(plan: &Plan, ground: &Ground<'_>) -> Vec<DiskClaim> {
    let need = disk_need(plan, ground);
    let claim = |folder: &Path, what: &str, need| DiskClaim {
        folder: folder.to_owned(),
        what: what.to_owned(),
        need,
    };
    let mut claims = vec![
        claim(&output(ground), "the build's output", need.output),
        claim(ground.temporary, "temporary files", need.temporary),
        claim(
            ground.home,
            "copies of artifacts",
            Bytes(need.output.0 / 16),
        ),
    ];
    if ground.toolchain > Bytes(0) {
        claims.push(claim(ground.home, "the download of Go", ground.toolchain));
    }
    claims
}

/// How much the plan writes.
pub(super) fn disk_need(plan: &Plan, ground: &Ground<'_>) -> DiskNeed {
    let platforms = plan.request.platforms.len() as u32;
    DiskNeed::of(work(plan), platforms, source::size(ground.source))
}

fn work(plan: &Plan) -> DiskWork {
    match &plan.request.goal {
        Goal::Components(names) => DiskWork::Components(names.len() as u32),
        Goal::All => DiskWork::All,
        Goal::Target(name) if crate::plan::is_release(name) => DiskWork::Release,
        Goal::Target(_) if plan.steps.iter().any(|step| !step.compiles.is_empty()) => DiskWork::All,
        Goal::Target(_) => DiskWork::Components(0),
    }
}
