//! Where the limits of this process's own control groups stand.
//!
//! A limit may be set on any ancestor of a process's group, and the process is bound by the least
//! of them. Both versions are read: on a hybrid host one controller is in version 1 while version 2
//! is mounted beside it. See cgroups(7).

use std::fs;
use std::path::{Component, Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of control groups that a limit was found in.
#[derive(Clone, Copy, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CgroupVersion {
    /// One hierarchy a controller, `memory.limit_in_bytes`.
    V1,
    /// One hierarchy for all, `memory.max`.
    V2,
}

/// One group on the way from the process's own to the top of what is mounted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Level {
    pub(super) version: CgroupVersion,
    /// The group's path below the mount point, `/` for its top.
    pub(super) name: String,
    /// The folder with the group's files.
    pub(super) folder: PathBuf,
}

impl Level {
    /// The content of one of the group's files, without the newline; `None` where it is absent.
    pub(super) fn read(&self, file: &str) -> Option<String> {
        let text = fs::read_to_string(self.folder.join(file)).ok()?;
        Some(text.trim().to_owned())
    }
}

/// The groups that bind this process for one controller (`memory`, `cpu`), its own first, of both
/// versions.
///
/// Where the own path is not visible (a container without a cgroup namespace shows the host's
/// path), the nearest visible ancestor stands in: at least the top of the mount, which in a
/// container is usually the container's own group.
pub(super) fn levels(root: &Path, controller: &str) -> Vec<Level> {
    let own = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let mounts = fs::read_to_string(root.join("proc/self/mountinfo")).unwrap_or_default();
    let mounts: Vec<Mount> = mounts.lines().filter_map(Mount::parse).collect();
    [CgroupVersion::V1, CgroupVersion::V2]
        .into_iter()
        .filter_map(|version| {
            let path = own_path(&own, version, controller)?;
            let place = mounts
                .iter()
                .filter(|mount| mount.carries(version, controller))
                .map(|mount| Place::of(root, mount, path))
                .min_by_key(|place| place.hidden)?;
            Some(place.levels(version))
        })
        .flatten()
        .collect()
}

/// The process's path in the hierarchy, from `/proc/self/cgroup`: lines such as `4:memory:/a/b` (1)
/// and `0::/a/b` (2).
fn own_path<'a>(own: &'a str, version: CgroupVersion, controller: &str) -> Option<&'a str> {
    own.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, path) = (fields.next()?, fields.next()?);
        let matches = match version {
            CgroupVersion::V1 => controllers.split(',').any(|name| name == controller),
            CgroupVersion::V2 => controllers.is_empty(),
        };
        matches.then_some(path)
    })
}

/// A line of `/proc/self/mountinfo`, as far as control groups need it.
struct Mount {
    /// The part of the hierarchy that is mounted.
    part: String,
    point: String,
    kind: String,
    options: String,
}

impl Mount {
    /// `35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory`; see
    /// proc(5).
    fn parse(line: &str) -> Option<Mount> {
        let (left, right) = line.split_once(" - ")?;
        let mut left = left.split(' ').skip(3);
        let (part, point) = (left.next()?, left.next()?);
        let mut right = right.split(' ');
        Some(Mount {
            part: unescape(part),
            point: unescape(point),
            kind: right.next()?.to_owned(),
            options: right.nth(1).unwrap_or_default().to_owned(),
        })
    }

    fn carries(&self, version: CgroupVersion, controller: &str) -> bool {
        match version {
            CgroupVersion::V1 => {
                self.kind == "cgroup" && self.options.split(',').any(|name| name == controller)
            }
            CgroupVersion::V2 => self.kind == "cgroup2",
        }
    }
}

/// Blanks, tabs, newlines and backslashes are octal escapes in `/proc/self/mountinfo`.
fn unescape(field: &str) -> String {
    field
        .replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\")
}

/// The process's own group in one mount.
struct Place {
    top: PathBuf,
    /// The path below the top, as far down as it is visible.
    below: PathBuf,
    /// How many names of the process's path are not visible; more than any path has where the mount
    /// shows another part.
    hidden: usize,
}

impl Place {
    fn of(root: &Path, mount: &Mount, path: &str) -> Place {
        let top = root.join(mount.point.trim_start_matches('/'));
        let whole = Path::new(path)
            .strip_prefix(&mount.part)
            .ok()
            .filter(|below| {
                below
                    .components()
                    .all(|name| matches!(name, Component::Normal(_)))
            });
        let Some(whole) = whole else {
            return Place {
                top,
                below: PathBuf::new(),
                hidden: usize::MAX,
            };
        };
        let below = whole
            .ancestors()
            .find(|part| top.join(part).is_dir())
            .unwrap_or(Path::new(""))
            .to_owned();
        let hidden = whole.components().count() - below.components().count();
        Place { top, below, hidden }
    }

    fn levels(&self, version: CgroupVersion) -> Vec<Level> {
        self.below
            .ancestors()
            .map(|part| Level {
                version,
                name: format!("/{}", part.display()),
                folder: self.top.join(part),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::fixture::Fixture;

    fn names(fixture: &Fixture, controller: &str) -> Vec<(CgroupVersion, String)> {
        levels(fixture.root(), controller)
            .into_iter()
            .map(|level| (level.version, level.name))
            .collect()
    }

    #[test]
    fn walks_from_the_own_group_to_the_top_in_version_1() {
        let fixture = Fixture::default()
            .own_cgroups("5:cpu,cpuacct:/\n4:memory:/system/shell\n")
            .mount("/ /sys/fs/cgroup/cpu", "cgroup rw,cpu,cpuacct")
            .mount("/ /sys/fs/cgroup/memory", "cgroup rw,memory")
            .folder("sys/fs/cgroup/cpu")
            .folder("sys/fs/cgroup/memory/system/shell");
        let v1 = |name: &str| (CgroupVersion::V1, name.to_owned());
        assert_eq!(
            names(&fixture, "memory"),
            [v1("/system/shell"), v1("/system"), v1("/")]
        );
        assert_eq!(names(&fixture, "cpu"), [v1("/")]);
    }

    #[test]
    fn reads_both_versions_on_a_hybrid_host() {
        let fixture = Fixture::default()
            .own_cgroups("4:memory:/a\n0::/b\n")
            .mount("/ /sys/fs/cgroup/memory", "cgroup rw,memory")
            .mount("/ /sys/fs/cgroup/unified", "cgroup2 rw")
            .folder("sys/fs/cgroup/memory/a")
            .folder("sys/fs/cgroup/unified/b");
        let versions: Vec<_> = names(&fixture, "memory")
            .into_iter()
            .filter(|(_, name)| name != "/")
            .collect();
        assert_eq!(
            versions,
            [
                (CgroupVersion::V1, "/a".to_owned()),
                (CgroupVersion::V2, "/b".to_owned())
            ]
        );
    }

    #[test]
    fn a_container_that_mounts_only_its_own_part_finds_it_at_the_top() {
        let fixture = Fixture::default()
            .own_cgroups("4:memory:/docker/abc/build\n")
            .mount("/docker/abc /sys/fs/cgroup/memory", "cgroup rw,memory")
            .folder("sys/fs/cgroup/memory/build");
        assert_eq!(
            names(&fixture, "memory"),
            [
                (CgroupVersion::V1, "/build".to_owned()),
                (CgroupVersion::V1, "/".to_owned())
            ]
        );
    }

    #[test]
    fn a_path_that_is_not_visible_falls_back_to_its_nearest_ancestor() {
        for own in ["0::/docker/abc\n", "0::/../elsewhere\n"] {
            let fixture = Fixture::default()
                .own_cgroups(own)
                .mount("/ /sys/fs/cgroup", "cgroup2 rw")
                .folder("sys/fs/cgroup");
            assert_eq!(
                names(&fixture, "memory"),
                [(CgroupVersion::V2, "/".to_owned())],
                "{own}"
            );
        }
    }

    #[test]
    fn of_two_mounts_the_one_that_shows_the_own_group_counts() {
        let fixture = Fixture::default()
            .own_cgroups("0::/a/b\n")
            .mount("/elsewhere /mnt/other", "cgroup2 rw")
            .mount("/ /sys/fs/cgroup\\040two", "cgroup2 rw")
            .folder("mnt/other")
            .folder("sys/fs/cgroup two/a/b");
        assert_eq!(names(&fixture, "memory")[0].1, "/a/b");
    }

    #[test]
    fn without_proc_there_are_no_groups() {
        assert_eq!(names(&Fixture::default(), "memory"), []);
    }
}
