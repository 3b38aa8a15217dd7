//! The processes that belong to a process group: its members, and descendants that left it.

use std::collections::{HashMap, HashSet};

use rustix::process::Pid;

use crate::bytes::Bytes;

/// What one look at `/proc` shows of a group.
#[derive(Debug, Default)]
pub(super) struct Processes {
    /// How many there are.
    pub count: usize,
    /// The sum of their anonymous memory: what the kernel cannot take back without swap, so what a limit is about.
    pub memory: Bytes,
    /// Those that are no members of the group, but descend from one.
    pub outside_group: Vec<Pid>,
}

struct Stat {
    parent: i32,
    group: i32,
}

/// Looks at the group now; empty where there is no `/proc`.
pub(super) fn group(group: Pid) -> Processes {
    let stats = read_all();
    let group = group.as_raw_pid();
    let mut members: HashSet<i32> = stats
        .iter()
        .filter(|(_, stat)| stat.group == group)
        .map(|(pid, _)| *pid)
        .collect();
    let inside = members.clone();
    // Children of members, and theirs, until no more are found.
    loop {
        let more: Vec<i32> = stats
            .iter()
            .filter(|(pid, stat)| members.contains(&stat.parent) && !members.contains(*pid))
            .map(|(pid, _)| *pid)
            .collect();
        if more.is_empty() {
            break;
        }
        members.extend(more);
    }
    Processes {
        count: members.len(),
        memory: members.iter().filter_map(|pid| anonymous(*pid)).sum(),
        outside_group: members
            .difference(&inside)
            .filter_map(|pid| Pid::from_raw(*pid))
            .collect(),
    }
}

fn read_all() -> HashMap<i32, Stat> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return HashMap::new();
    };
    let pids = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| Some((pid, read(pid)?))).collect()
}

/// Fields of `/proc/PID/stat`, by proc(5); zombies hold no memory and are left out.
fn read(pid: i32) -> Option<Stat> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    if *fields.first()? == "Z" {
        return None;
    }
    Some(Stat {
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
    })
}

/// Resident less shared pages, the second and third field of `/proc/PID/statm`, by proc(5).
fn anonymous(pid: i32) -> Option<Bytes> {
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let mut fields = statm.split_whitespace().skip(1).map(str::parse::<u64>);
    let (resident, shared) = (fields.next()?.ok()?, fields.next()?.ok()?);
    Some(Bytes(
        resident.saturating_sub(shared) * rustix::param::page_size() as u64,
    ))
}
