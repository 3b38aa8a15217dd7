//! `kubewright engine status`

use crate::bytes::Bytes;
use crate::cli::Format;
use crate::commands::{Call, Ended};
use crate::engine::{EngineProfile, MachineRoom};
use crate::host::{HostFacts, ProbeRequest};
use crate::report::Output;
use crate::settings::Layer;

pub(super) fn run(format: Format, call: &Call) -> Result<(), Ended> {
    let engine = super::connect(&call.settings(Layer::none())?, call)?;
    let path = crate::commands::source_place::search_path(&call.environment);
    let host = HostFacts::probe(&ProbeRequest::new(&path));
    let room = engine.room(host.memory.as_ref(), None);
    let kept = engine.kept()?;
    match format {
        Format::Json => Output.json(&serde_json::json!({
            "schema": 1,
            "engine": engine.profile,
            "memory": room.memory,
            "disk": room.disk,
            "containers": kept.containers,
            "volumes": kept.volumes,
            "images": kept.images,
        })),
        Format::Table => {
            let mut rows = rows(&engine.profile, &room);
            rows.push((
                "kubewright's",
                format!(
                    "{}, {}, {}",
                    super::counted(kept.containers, "container"),
                    super::counted(kept.volumes, "volume"),
                    super::counted(kept.images, "image")
                ),
            ));
            let lines: Vec<String> = rows
                .iter()
                .map(|(label, text)| format!("{label:>12}  {text}"))
                .collect();
            Output.data(&lines.join("\n"));
        }
    }
    Ok(())
}

fn rows(profile: &EngineProfile, room: &MachineRoom) -> Vec<(&'static str, String)> {
    let mut rows = vec![
        (
            "engine",
            format!("{}, API {}", profile.title(), profile.api_version),
        ),
        (
            "address",
            format!("{} (from {})", profile.address, profile.origin),
        ),
        (
            "machine",
            format!(
                "{}, {}, {}",
                profile.machine, profile.system, profile.platform
            ),
        ),
        (
            "memory",
            if room.knows_free {
                format!("{} of {} free", room.memory.available, room.memory.total)
            } else {
                room.memory.total.to_string()
            },
        ),
        ("cpus", profile.cpus.to_string()),
        (
            "storage",
            storage(profile, room.disk.as_ref().map(|disk| disk.free)),
        ),
        ("limits", limits(profile)),
    ];
    let rights = [
        (profile.rootless, "rootless"),
        (profile.remaps_users, "maps users"),
        (profile.selinux, "SELinux"),
    ];
    let rights: Vec<&str> = rights
        .into_iter()
        .filter_map(|(holds, what)| holds.then_some(what))
        .collect();
    if !rights.is_empty() {
        rows.push(("rights", rights.join(", ")));
    }
    rows
}

fn storage(profile: &EngineProfile, free: Option<Bytes>) -> String {
    let free = match free {
        Some(free) => format!("{free} free"),
        None => "how much is free cannot be seen from here".to_owned(),
    };
    format!(
        "{} in {}, {free}",
        profile.storage_driver,
        profile.data_root.display()
    )
}

fn limits(profile: &EngineProfile) -> String {
    let can = [
        (profile.limits_memory, "memory"),
        (profile.limits_swap, "swap"),
        (profile.limits_cpus, "CPUs"),
    ];
    let can: Vec<&str> = can
        .into_iter()
        .filter_map(|(holds, what)| holds.then_some(what))
        .collect();
    let can = if can.is_empty() {
        "none".to_owned()
    } else {
        can.join(", ")
    };
    format!("{can}; control groups {}", profile.cgroups)
}
