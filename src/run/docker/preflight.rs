//! The checks before a plan is carried out in containers, and what each of its steps is given: by the same model as on the
//! host, on what the engine's machine has.

use std::path::PathBuf;

use crate::bytes::Bytes;
use crate::engine::{Engine, InsideView};
use crate::host::{
    Check, CpuFacts, DiskClaim, HostFacts, Model, OutputFacts, Preflight, ProbeRequest, Tool,
};
use crate::plan::{Executor, Plan, Step};
use crate::run::Allotment;
use crate::run::preflight::{
    Ground, Survey, allot, choices, disk_need, missing_files, needs, said, tightest, tree_checks,
    workload,
};
use crate::tree::TreeFacts;

/// The size of kube-cross with all its cross compilers, where it is yet to be pulled; an estimate.
const IMAGE: Bytes = Bytes::gib(3);

/// The part of a build's output that is binaries; the rest is Go's cache.
const BINARIES: u64 = 8;

/// The eighths of what a release writes that lie in the tree: 15 of 27 GB for 1.28, the rest in caches of the engine.
const PACKED: u64 = 5;

/// What is known of an engine when a plan for it is judged.
#[derive(Clone, Copy, Debug)]
pub struct EngineGround<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// Whether the image is yet to be pulled.
    pub pulls: bool,
    /// What a look from inside a container showed, once there was one.
    pub inside: Option<InsideView>,
}

/// Looks at the engine's machine and at this one, and judges whether they can carry the plan out.
pub fn survey_engine(
    plan: &Plan,
    tree: &TreeFacts,
    ground: &Ground<'_>,
    on: EngineGround<'_>,
    model: &Model,
) -> Survey {
    let EngineGround {
        engine,
        pulls,
        inside,
    } = on;
    let need = disk_need(plan, ground);
    let on_host: Vec<&Step> = plan
        .steps
        .iter()
        .filter(|step| step.executor == Executor::Native)
        .collect();
    let needs = needs(&on_host);
    let tools: Vec<Tool> = needs.iter().map(|need| need.tool).collect();
    let mut claims = claims_here(ground, need.output, !on_host.is_empty());
    let folders: Vec<PathBuf> = claims.iter().map(|claim| claim.folder.clone()).collect();
    let host = HostFacts::probe(&ProbeRequest {
        folders: &folders,
        tools: &tools,
        ..ProbeRequest::new(ground.path)
    });
    let room = engine.room(host.memory.as_ref(), inside);
    let mut systems = host.file_systems.clone();
    if let Some(disk) = &room.disk {
        let image = if pulls { IMAGE } else { Bytes::default() };
        claims.push(DiskClaim {
            folder: engine.profile.data_root.clone(),
            what: "the engine's images and caches".to_owned(),
            need: Bytes(in_engine(need.output, !on_host.is_empty()).0 + need.temporary.0 + image.0),
        });
        match systems
            .iter_mut()
            .find(|system| system.device == disk.device)
        {
            Some(known) => known.folders.extend(disk.folders.clone()),
            None => systems.push(disk.clone()),
        }
    }
    let machine = HostFacts {
        memory: Some(room.memory.clone()),
        cpus: CpuFacts::of_machine(engine.profile.cpus).within(ground.cpu_millis),
        file_systems: systems.clone(),
        ..host.clone()
    };
    // Volumes lie there, and Go's cache in them.
    let mut budget = machine.budget(ground.memory, &engine.profile.data_root);
    if let Some(far) = &mut budget.far {
        // A container is held to its limit, what it maps included.
        far.room = budget.memory;
    }
    let choices = choices(plan, &machine, &budget, ground, model);
    let tightest = tightest(&choices);
    let mut checks = Vec::new();
    if let Some(outcome) = &tightest {
        checks.push(Check::engine_memory(
            machine.memory.as_ref(),
            ground.memory,
            room.knows_free,
            outcome,
        ));
    }
    checks.push(Check::disk(&systems, &claims));
    checks.push(Check::toolchain(&plan.toolchain.version, ""));
    checks.push(Check::cpus(&machine.cpus));
    checks.extend(Check::tools(&host.tools, &needs));
    checks.push(Check::engine_profile(
        &engine.profile,
        ground.memory.is_some(),
    ));
    checks.push(Check::output(&OutputFacts::probe(ground.source)));
    checks.extend(tree_checks(plan, tree, ground));
    checks.extend(missing_files(plan, tree, ground));
    Survey {
        choice: said(tightest.as_ref(), model),
        allotments: plan
            .steps
            .iter()
            .map(|step| {
                let allotment = Allotment {
                    least: least(step, model),
                    ..allot(step, &choices, &machine)
                };
                (step.id.clone(), allotment)
            })
            .collect(),
        preflight: Preflight { checks },
        host,
    }
}

/// What is written on the engine's disk.
fn in_engine(output: Bytes, packs_here: bool) -> Bytes {
    if packs_here {
        Bytes(output.0 / 8 * (8 - PACKED))
    } else {
        output
    }
}

/// What is written on this machine: binaries, and where something is packed here, that too.
fn claims_here(ground: &Ground<'_>, output: Bytes, packs: bool) -> Vec<DiskClaim> {
    let claim = |folder: PathBuf, what: &str, need| DiskClaim {
        folder,
        what: what.to_owned(),
        need,
    };
    let (what, in_tree) = if packs {
        (
            "the build's binaries and archives",
            Bytes(output.0 / 8 * PACKED),
        )
    } else {
        ("the build's binaries", Bytes(output.0 / BINARIES))
    };
    vec![
        claim(ground.source.join("_output"), what, in_tree),
        claim(
            ground.home.to_owned(),
            "copies of artifacts",
            Bytes(output.0 / 16),
        ),
    ]
}

/// The least memory that a step works with.
fn least(step: &Step, model: &Model) -> Option<Bytes> {
    if step.compiles.is_empty() {
        return None;
    }
    let nothing = model.choose(&workload(step), Bytes::default(), 1, None);
    nothing.err().map(|too_little| too_little.least)
}
