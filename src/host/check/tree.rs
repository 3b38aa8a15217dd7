//! The checks of the folder that a tree lies in.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::{Check, Fix, quoted};
use crate::plural::count;

/// Whether a tree's `_output` can be written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OutputFacts {
    /// The tree's `_output`, whether it exists or not.
    pub folder: PathBuf,
    /// The first folder that cannot be written, and who owns it.
    pub unwritable: Option<Unwritable>,
    /// Whether something else than a folder stands there.
    pub is_no_folder: bool,
}

/// A folder that cannot be written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Unwritable {
    /// The folder.
    pub folder: PathBuf,
    /// The user id of its owner.
    pub owner: u32,
    /// The user and group id of this process.
    pub user: (u32, u32),
    /// Whether the whole file system is read-only, so that no owner could write.
    pub read_only: bool,
}

impl OutputFacts {
    /// Looks at the `_output` of the tree, and at two levels of folders in it: builds in containers
    /// may leave some that belong to root. Where there is none yet, the tree itself must be
    /// writable.
    pub fn probe(tree: &Path) -> OutputFacts {
        let folder = tree.join("_output");
        let is_no_folder = folder.symlink_metadata().is_ok() && !folder.is_dir();
        let unwritable = if folder.is_dir() {
            let mut folders = vec![folder.clone()];
            for _ in 0..2 {
                let below: Vec<PathBuf> =
                    folders.iter().flat_map(|folder| children(folder)).collect();
                folders.extend(below);
            }
            folders.iter().find_map(|folder| Unwritable::probe(folder))
        } else {
            Unwritable::probe(tree)
        };
        OutputFacts {
            folder,
            unwritable,
            is_no_folder,
        }
    }
}

/// The folders in a folder, without those that are only linked to.
fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path())
        .collect()
}

impl Unwritable {
    fn probe(folder: &Path) -> Option<Unwritable> {
        let error = access(folder, Access::WRITE_OK | Access::EXEC_OK).err()?;
        let owner = folder
            .symlink_metadata()
            .map_or(0, |metadata| metadata.uid());
        Some(Unwritable {
            folder: folder.to_owned(),
            owner,
            user: (
                rustix::process::geteuid().as_raw(),
                rustix::process::getegid().as_raw(),
            ),
            read_only: io::Error::from(error).kind() == io::ErrorKind::ReadOnlyFilesystem,
        })
    }

    fn message(&self) -> String {
        let folder = self.folder.display();
        if self.read_only {
            format!("`{folder}` is on a file system that is mounted read-only")
        } else if self.owner == self.user.0 {
            format!("`{folder}` cannot be written: its mode forbids it")
        } else if self.owner == 0 {
            format!("`{folder}` belongs to root, as builds in a container or with sudo leave it")
        } else {
            format!(
                "`{folder}` cannot be written: it belongs to the user {}",
                self.owner
            )
        }
    }

    fn fix(&self) -> Fix {
        let folder = quoted(&self.folder.display().to_string());
        let (user, group) = self.user;
        if self.read_only {
            Fix::advise("Use a tree on a file system that can be written.")
        } else if self.owner == user {
            Fix::commands("make it writable", vec![format!("chmod -R u+rwX {folder}")])
        } else {
            let command = format!("sudo chown -R {user}:{group} {folder}");
            Fix::commands("make it yours", vec![command])
        }
    }
}

impl Check {
    /// Whether make can work in a path. It splits names at blanks (`$(abspath $(wildcard …))` in
    /// upstream's Makefile), and Go splits GOPATH, which lies below the tree, at colons.
    pub fn path(tree: &Path, home: &Path) -> Check {
        let shown = tree.display().to_string();
        let culprit = shown.chars().find(|c| c.is_whitespace() || *c == ':');
        match culprit {
            None => Check::passed("path", "path", format!("`{shown}`")),
            Some(culprit) => {
                let (what, who) = match culprit {
                    ':' => ("a colon", "Go splits GOPATH at it"),
                    _ => ("a space", "make splits paths at it"),
                };
                let message = format!("the path `{shown}` has {what} in it, and {who}");
                let advice = if tree.starts_with(home) {
                    "Set `KUBEWRIGHT_HOME` to a path without spaces and colons."
                } else {
                    "Move the tree to a path without spaces and colons."
                };
                Check::failed("path", "path", message, Fix::advise(advice))
            }
        }
    }

    /// Whether the tree's `_output` can be written.
    pub fn output(facts: &OutputFacts) -> Check {
        if facts.is_no_folder {
            let message = format!("`{}` is no folder", facts.folder.display());
            let remove = format!("rm {}", quoted(&facts.folder.display().to_string()));
            let fix = Fix::commands("remove it", vec![remove]);
            return Check::failed("output", "output", message, fix);
        }
        match &facts.unwritable {
            None => {
                let message = format!("`{}` can be written", facts.folder.display());
                Check::passed("output", "output", message)
            }
            Some(unwritable) => {
                Check::failed("output", "output", unwritable.message(), unwritable.fix())
            }
        }
    }

    /// Whether the checkout has the files that a component is compiled from; `missing` are those that Git names and that are
    /// not there.
    pub fn files(tree: &Path, component: &str, missing: &[&str]) -> Check {
        let (id, title) = ("files", "files");
        let (first, others) = match missing {
            [] => {
                let message = "no file is missing that is compiled".to_owned();
                return Check::passed(id, title, message);
            }
            [first, others @ ..] => (first, others.len()),
        };
        let more = match others {
            0 => "is missing".to_owned(),
            more => format!("and {} are missing", count(more as u64, "more file")),
        };
        let root = quoted(&tree.display().to_string());
        let folder = first.rsplit_once('/').map_or(".", |(folder, _)| folder);
        let command = format!("git -C {root} checkout -- {}", quoted(folder));
        Check::failed(
            id,
            title,
            format!("`{first}` {more} from the checkout, and {component} is compiled from it"),
            Fix::commands("put it back", vec![command]),
        )
        .overridable()
    }

    /// Whether the scripts in `hack/` have kept their executable bits.
    pub fn executable_scripts(tree: &Path, executable: bool) -> Check {
        if executable {
            let message = "the scripts can be executed".to_owned();
            return Check::passed("scripts", "scripts", message);
        }
        let folder = quoted(&tree.display().to_string());
        Check::failed(
            "scripts",
            "scripts",
            "the scripts in `hack/` are not executable: an archive, `core.fileMode=false` or a \
             `noexec` mount took that"
                .to_owned(),
            Fix::commands(
                "give them their modes back",
                vec![format!(
                    "find {folder}/build {folder}/cluster {folder}/hack {folder}/third_party/gimme \
                     '(' -name '*.sh' -o -name gimme ')' -exec chmod +x '{{}}' +"
                )],
            ),
        )
    }

    /// Whether the root Makefile is the symbolic link that upstream has there, or a real Makefile;
    /// not a file that holds the link's text, over which make stumbles with `missing separator`.
    pub fn makefile_link(tree: &Path, is_link_text: bool) -> Check {
        if !is_link_text {
            let message = "the Makefile is a Makefile".to_owned();
            return Check::passed("makefile", "makefile", message);
        }
        let folder = quoted(&tree.display().to_string());
        Check::failed(
            "makefile",
            "makefile",
            "the Makefile holds the text of a symbolic link: it was checked out without links"
                .to_owned(),
            Fix::commands(
                "check it out again as a link",
                vec![
                    format!("git -C {folder} config core.symlinks true"),
                    format!("rm {folder}/Makefile"),
                    format!("git -C {folder} checkout -- Makefile"),
                ],
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::check::Status;
    use crate::host::fixture::Fixture;

    #[test]
    fn a_path_that_make_or_go_would_split_is_refused() {
        assert_eq!(
            Check::path(Path::new("/home/me/k8s"), Path::new("/cache")).status,
            Status::Passed
        );
        for (path, part) in [("/home/my trees/k8s", "a space"), ("/home/a:b", "a colon")] {
            for (home, mended) in [
                ("/cache", "Move the tree"),
                ("/home", "Set `KUBEWRIGHT_HOME`"),
            ] {
                let check = Check::path(Path::new(path), Path::new(home));
                assert_eq!(check.status, Status::Failed);
                assert!(check.message.contains(part) && !check.overridable);
                let Some(Fix::Advise { text }) = check.fix else {
                    panic!("no advice")
                };
                assert!(text.starts_with(mended), "{text}");
            }
        }
    }

    fn unwritable(owner: u32, read_only: bool) -> Check {
        Check::output(&OutputFacts {
            folder: "/t/_output".into(),
            unwritable: Some(Unwritable {
                folder: "/t/_output/lo cal".into(),
                owner,
                user: (1000, 100),
                read_only,
            }),
            is_no_folder: false,
        })
    }

    #[test]
    fn an_output_that_cannot_be_written_says_whose_it_is() {
        for (owner, read_only, part, command) in [
            (
                0,
                false,
                "belongs to root",
                Some("sudo chown -R 1000:100 '/t/_output/lo cal'"),
            ),
            (
                7,
                false,
                "the user 7",
                Some("sudo chown -R 1000:100 '/t/_output/lo cal'"),
            ),
            (
                1000,
                false,
                "its mode",
                Some("chmod -R u+rwX '/t/_output/lo cal'"),
            ),
            (0, true, "read-only", None),
        ] {
            let check = unwritable(owner, read_only);
            assert_eq!(check.status, Status::Failed);
            assert!(check.message.contains(part), "{}", check.message);
            match (check.fix, command) {
                (Some(Fix::Type { commands, .. }), Some(command)) => {
                    assert_eq!(commands, [command]);
                }
                (fix, command) => assert!(command.is_none(), "{fix:?}"),
            }
        }
    }

    #[test]
    fn an_own_output_or_none_yet_is_well() {
        let fixture = Fixture::default().folder("tree/_output/local/go");
        assert_eq!(OutputFacts::probe(&fixture.path("tree")).unwritable, None);
        let facts = OutputFacts::probe(fixture.root());
        assert_eq!(Check::output(&facts).status, Status::Passed);
    }

    #[test]
    fn a_folder_that_is_not_there_cannot_be_written() {
        let fixture = Fixture::default();
        assert!(
            OutputFacts::probe(&fixture.path("absent"))
                .unwritable
                .is_some()
        );
    }

    #[test]
    fn files_that_are_compiled_and_missing_are_named() {
        let of = |missing: &[&str]| Check::files(Path::new("/t"), "kubeadm", missing);
        assert_eq!(of(&[]).status, Status::Passed);
        let one = of(&["vendor/a.b/c/gen.go"]);
        assert_eq!(
            one.message,
            "`vendor/a.b/c/gen.go` is missing from the checkout, and kubeadm is compiled from it"
        );
        assert!(
            of(&["vendor/a.b/c/gen.go", "cmd/x.go", "cmd/y.go"])
                .message
                .contains("and 2 more files are missing")
        );
    }

    #[test]
    fn a_checkout_that_lost_modes_or_links_tells_how_to_get_them_back() {
        let tree = Path::new("/t");
        assert_eq!(Check::executable_scripts(tree, true).status, Status::Passed);
        assert_eq!(Check::makefile_link(tree, false).status, Status::Passed);
        for check in [
            Check::executable_scripts(tree, false),
            Check::makefile_link(tree, true),
        ] {
            assert_eq!(check.status, Status::Failed);
            assert!(matches!(check.fix, Some(Fix::Type { commands, .. }) if !commands.is_empty()));
        }
    }
}
