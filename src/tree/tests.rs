//! The facts of fixture trees, which carry the shapes of several versions, and of trees that are
//! damaged.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use git2::{Oid, Repository};

use super::*;
use crate::error::Explain;
use crate::platform::Platform;

const VERSIONS: [&str; 7] = ["1.7", "1.15", "1.20", "1.23", "1.28", "1.31", "1.35"];

/// What a build and a release are about; every fixture has it.
const CORE: [&str; 7] = [
    "kube-apiserver",
    "kube-controller-manager",
    "kube-proxy",
    "kube-scheduler",
    "kubeadm",
    "kubectl",
    "kubelet",
];

fn folder(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/trees")
        .join(version)
}

fn fixture(version: &str) -> TreeFacts {
    read(&DiskFiles::new(folder(version))).unwrap()
}

fn platform(text: &str) -> Platform {
    text.parse().unwrap()
}

/// A tree in memory, for small changes to a fixture.
#[derive(Default)]
struct MemoryFiles {
    files: BTreeMap<String, (String, bool)>,
}

impl MemoryFiles {
    fn of(version: &str) -> MemoryFiles {
        let mut memory = MemoryFiles::default();
        let disk = DiskFiles::new(folder(version));
        memory.add(&disk, "");
        memory
    }

    fn add(&mut self, disk: &DiskFiles, folder: &str) {
        for entry in disk.list(folder).unwrap() {
            let path = format!("{folder}{}", entry.name);
            match disk.read(&path).unwrap() {
                Some(text) => drop(self.files.insert(path, (text, entry.executable))),
                None => self.add(disk, &format!("{path}/")),
            }
        }
    }

    fn set(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), (text.to_owned(), true));
    }

    fn change(&mut self, path: &str, from: &str, to: &str) {
        let text = &mut self.files.get_mut(path).unwrap().0;
        assert!(text.contains(from), "`{path}` has no `{from}`");
        *text = text.replace(from, to);
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &str) -> io::Result<Option<String>> {
        Ok(self.files.get(path).map(|(text, _)| text.clone()))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        let prefix = match folder.trim_end_matches('/') {
            "" => String::new(),
            folder => format!("{folder}/"),
        };
        let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
        for (path, (_, executable)) in &self.files {
            let Some(rest) = path.strip_prefix(&prefix) else {
                continue;
            };
            let (name, kind) = match rest.split_once('/') {
                Some((name, _)) => (name, EntryKind::Folder),
                None => (rest, EntryKind::File),
            };
            let entry = Entry {
                name: name.to_owned(),
                kind,
                executable: *executable,
            };
            entries.insert(name.to_owned(), entry);
        }
        Ok(entries.into_values().collect())
    }
}

/// The facts in a form that a reviewer can take in.
fn digest(facts: &TreeFacts) -> String {
    let mut text = String::new();
    for target in &facts.targets {
        writeln!(
            text,
            "target {} ({:?}): {}",
            target.name, target.kind, target.summary
        )
        .unwrap();
    }
    for component in &facts.components {
        let linkage = format!("{:?}", component.linkage).to_lowercase();
        let target = if component.has_target {
            "target"
        } else {
            "no target"
        };
        let library = if component.is_library {
            ", library"
        } else {
            ""
        };
        let (name, package) = (&component.name, &component.package);
        writeln!(
            text,
            "component {name} = {package}: {linkage}, {target}{library}"
        )
        .unwrap();
    }
    let all = serde_json::to_value(facts).unwrap();
    for (name, value) in all.as_object().unwrap() {
        if matches!(name.as_str(), "targets" | "components") {
            continue;
        }
        match value.as_object() {
            Some(fields) => {
                for (field, value) in fields {
                    writeln!(text, "{name}.{field} {value}").unwrap();
                }
            }
            None => writeln!(text, "{name} {value}").unwrap(),
        }
    }
    text
}

#[test]
fn trees_that_take_flags_for_tags_are_told_from_those_that_look_for_tags() {
    let mut files = MemoryFiles::of("1.15");
    assert!(!read(&files).unwrap().takes_flags_for_tags);
    let golang_sh = "hack/lib/golang.sh";
    let extraction = |flag: &str| {
        format!(
            "    gotags=\"selinux,$(echo \"${{GOFLAGS:-}}\" | sed {flag} 's|.*-tags=\\([^-]*\\).*|\\1|')\"\n"
        )
    };
    let text = files.files[golang_sh].0.clone();
    for (flag, takes) in [("-e", true), ("-ne", false)] {
        files.set(golang_sh, &format!("{text}\n{}", extraction(flag)));
        assert_eq!(read(&files).unwrap().takes_flags_for_tags, takes, "{flag}");
    }
}

#[test]
fn trees_that_hand_flags_to_a_command_that_knows_none_are_told() {
    let mut files = MemoryFiles::of("1.7");
    assert!(read(&files).unwrap().takes_go_flags);
    let golang_sh = "hack/lib/golang.sh";
    let text = files.files[golang_sh].0.clone();
    let generate =
        "        go \"${goflags[@]:+${goflags[@]}}\" generate \"${KUBE_ROOT}/${bindata}\"\n";
    files.set(golang_sh, &format!("{text}\n{generate}"));
    assert!(!read(&files).unwrap().takes_go_flags);
}

#[test]
fn what_a_build_generates_beside_its_output_is_what_git_ignores_of_it() {
    let mut files = MemoryFiles::of("1.15");
    files.set(
        ".gitignore",
        "# generated files in any directory\n#zz_generated.*\n/_output*/\nzz_generated.openapi.go\n\
         !staging/src/k8s.io/x/pkg/generated/openapi/zz_generated.openapi.go\nzz_generated_*_test.go\n\
         /.make/\n/test/e2e/generated/bindata.go\n",
    );
    assert_eq!(read(&files).unwrap().generates, [""; 0]);
    assert_eq!(read(&files).unwrap().regenerates, None);
    files.set("build/root/Makefile.generated_files", "");
    let makefile = files.files["build/root/Makefile"].0.clone();
    let prefix = "GENERATED_FILE_PREFIX := zz_generated.\n";
    files.set("build/root/Makefile", &format!("{prefix}{makefile}"));
    let beginning = read(&files).unwrap().regenerates;
    assert_eq!(beginning.as_deref(), Some("zz_generated."));
    assert_eq!(
        read(&files).unwrap().generates,
        [
            "zz_generated.openapi.go",
            "zz_generated_*_test.go",
            ".make",
            "test/e2e/generated/bindata.go",
        ]
    );
}

#[test]
fn each_fixture_says_what_its_version_says() {
    for version in VERSIONS {
        insta::assert_snapshot!(format!("facts-{version}"), digest(&fixture(version)));
    }
}

#[test]
fn every_fixture_has_what_recipes_need() {
    for version in VERSIONS {
        let facts = fixture(version);
        for name in CORE {
            let component = facts.component(name).unwrap();
            assert!(
                component.has_target && !component.is_library,
                "{version} {name}"
            );
            let platforms = facts.platforms_for(component);
            assert!(
                platforms.contains(&platform("linux/amd64")),
                "{version} {name}"
            );
        }
        for name in [
            "all",
            "quick-release",
            "release-skip-tests",
            "cross",
            "test-integration",
        ] {
            assert_eq!(
                facts.target(name).unwrap().kind,
                TargetKind::Phony,
                "{version} {name}"
            );
        }
        assert_eq!(facts.remarks, [], "{version}");
        assert!(facts.go.version.is_some() && facts.kube_cross.is_some());
    }
}

#[test]
fn a_tree_in_git_says_the_same_as_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::init_bare(dir.path()).unwrap();
    for version in ["1.7", "1.35"] {
        let root = write_tree(&repository, &folder(version));
        let files = GitFiles::new(&repository, repository.find_tree(root).unwrap());
        assert_eq!(read(&files).unwrap(), fixture(version));
        assert!(files.read("cmd").unwrap().is_none());
        assert!(files.read("none/at/all").unwrap().is_none());
        assert!(files.list("none").unwrap().is_empty());
        assert!(files.list(".go-version").unwrap().is_empty());
    }
}

fn write_tree(repository: &Repository, folder: &Path) -> Oid {
    let mut tree = repository.treebuilder(None).unwrap();
    let disk = DiskFiles::new(folder);
    for entry in disk.list("").unwrap() {
        let path = folder.join(&entry.name);
        let (id, mode) = match entry.kind {
            EntryKind::Folder => (write_tree(repository, &path), 0o040_000),
            EntryKind::Symlink => {
                let target = fs::read_link(&path).unwrap();
                let target = target.to_string_lossy();
                (repository.blob(target.as_bytes()).unwrap(), 0o120_000)
            }
            EntryKind::File => {
                let mode = if entry.executable {
                    0o100_755
                } else {
                    0o100_644
                };
                (repository.blob_path(&path).unwrap(), mode)
            }
        };
        tree.insert(&entry.name, id, mode).unwrap();
    }
    tree.write().unwrap()
}

#[test]
fn a_symlink_that_leads_out_of_the_tree_is_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::init_bare(dir.path()).unwrap();
    let mut tree = repository.treebuilder(None).unwrap();
    for (name, target) in [("up", "../x"), ("root", "/etc/passwd"), ("loop", "loop")] {
        let id = repository.blob(target.as_bytes()).unwrap();
        tree.insert(name, id, 0o120_000).unwrap();
    }
    let root = repository.find_tree(tree.write().unwrap()).unwrap();
    let files = GitFiles::new(&repository, root);
    for name in ["up", "root", "loop"] {
        assert_eq!(files.read(name).unwrap(), None, "{name}");
    }
}

#[test]
fn artifacts_lie_in_a_folder_of_their_platform() {
    let facts = fixture("1.31");
    let kubectl = facts.component("kubectl").unwrap();
    assert_eq!(
        facts.artifact_path(kubectl, &platform("linux/arm64")),
        "_output/local/bin/linux/arm64/kubectl"
    );
    assert_eq!(
        facts.artifact_path(kubectl, &platform("windows/amd64")),
        "_output/local/bin/windows/amd64/kubectl.exe"
    );
    assert_eq!(
        facts.dockerized_artifact_path(kubectl, &platform("linux/amd64")),
        "_output/dockerized/bin/linux/amd64/kubectl"
    );
}

#[test]
fn a_component_has_the_platforms_of_its_sets() {
    let facts = fixture("1.28");
    let platforms = |name| facts.platforms_for(facts.component(name).unwrap());
    assert_eq!(platforms("kubectl"), facts.platforms.client);
    assert_eq!(platforms("kubelet"), facts.platforms.node);
    assert_eq!(platforms("kube-apiserver"), facts.platforms.server);
    assert_eq!(platforms("kubemark"), facts.platforms.server);
    assert_eq!(platforms("e2e.test"), facts.platforms.test);
    // In no set: what a build can place binaries for.
    assert_eq!(platforms("gendocs"), facts.platforms.client);
}

#[test]
fn unknown_names_say_where_to_look() {
    let facts = fixture("1.31");
    let error = facts.component("hyperkube").unwrap_err();
    assert_eq!(error.kind().exit_code(), 2);
    assert!(
        error.hints()[0].contains("left Kubernetes in 1.17"),
        "{error:?}"
    );
    let error = facts.component("kublet").unwrap_err();
    assert_eq!(error.near[0], "kubelet");
    let error = facts.component("quick-release").unwrap_err();
    assert!(error.hints()[0].contains("kubewright build target quick-release"));
    let error = facts.target("e2e.test").unwrap_err();
    assert!(error.hints()[0].contains("kubewright build component e2e.test"));
    let error = facts.target("generated_files").unwrap_err();
    assert!(error.hints()[0].contains("1.29"));
    assert!(fixture("1.7").component("hyperkube").is_ok());
}

#[test]
fn a_folder_that_is_not_kubernetes_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let error = read(&DiskFiles::new(dir.path())).unwrap_err();
    assert_eq!(error.kind().exit_code(), 4);
    assert_eq!(
        error.to_string(),
        "this is not a Kubernetes tree: it has no `hack/lib/golang.sh`, no `Makefile`, no `cmd/`"
    );

    let error = read(&DiskFiles::new(dir.path().join("none"))).unwrap_err();
    assert!(matches!(error, TreeError::NotKubernetes { .. }));

    let mut files = MemoryFiles::default();
    files.set("hack/lib/golang.sh", "");
    let error = read(&files).unwrap_err();
    assert!(matches!(error, TreeError::NotKubernetes { .. }));
    files.set("Makefile", "all:\n");
    let error = read(&files).unwrap_err();
    assert!(matches!(error, TreeError::NotUnderstood { .. }));
}

#[test]
fn a_tree_before_golang_sh_is_too_old() {
    let mut files = MemoryFiles::default();
    files.set("Makefile", "all:\n\thack/build-go.sh\n");
    files.set("hack/build-go.sh", "");
    files.set("cmd/kubelet/kubelet.go", "package main\n");
    let error = read(&files).unwrap_err();
    assert!(matches!(error, TreeError::TooOld { .. }), "{error}");
}

#[test]
fn a_makefile_that_lost_its_symlink_is_read_and_remarked() {
    let expected = fixture("1.23");
    let mut files = MemoryFiles::of("1.23");
    files.set("Makefile", "build/root/Makefile");
    let facts = read(&files).unwrap();
    assert_eq!(facts.targets, expected.targets);
    assert_eq!(facts.remarks[0].kind, RemarkKind::MakefileIsText);

    files.files.remove("Makefile");
    let facts = read(&files).unwrap();
    assert_eq!(facts.targets, expected.targets);
    assert_eq!(facts.remarks[0].kind, RemarkKind::MakefileMissing);
}

#[test]
fn scripts_that_cannot_be_run_are_remarked() {
    let mut files = MemoryFiles::of("1.28");
    files.files.get_mut("build/release.sh").unwrap().1 = false;
    let remarks = read(&files).unwrap().remarks;
    assert_eq!(remarks[0].kind, RemarkKind::NotExecutable);
    assert!(
        remarks[0].text.contains("`build/release.sh` is not"),
        "{remarks:?}"
    );

    files.files.get_mut("hack/make-rules/build.sh").unwrap().1 = false;
    let remarks = read(&files).unwrap().remarks;
    assert!(
        remarks[0]
            .text
            .contains("`hack/make-rules/build.sh` and 1 more"),
        "{remarks:?}"
    );
}

#[test]
fn a_fork_that_always_compiles_for_debugging_is_remarked() {
    for version in ["1.28", "1.35"] {
        let mut files = MemoryFiles::of(version);
        files.change(
            "hack/lib/golang.sh",
            "goldflags=\"all=$(kube::version::ldflags) ${GOLDFLAGS:-}\"\n",
            "goldflags=\"x\"\n # if DBG\n gogcflags=\"${GOGCFLAGS:-} all=-N -l\"\n",
        );
        let remarks = read(&files).unwrap().remarks;
        assert_eq!(remarks[0].kind, RemarkKind::AlwaysDebug);
    }
}

#[test]
fn a_tree_without_its_dotfiles_takes_go_from_the_image() {
    let mut files = MemoryFiles::of("1.31");
    files.files.remove(".go-version");
    let facts = read(&files).unwrap();
    assert_eq!(facts.go.version.as_deref(), Some("1.22.5"));
    assert_eq!(
        facts.go.read_from.as_deref(),
        Some("build/build-image/cross/VERSION")
    );
    assert_eq!(facts.remarks[0].kind, RemarkKind::GoVersionFileMissing);
}

#[test]
fn an_archive_has_a_fixed_version() {
    let mut files = MemoryFiles::of("1.28");
    files.change("hack/lib/version.sh", "$Format:%%$", "%");
    files.change("hack/lib/version.sh", "$Format:%H$", &"0a".repeat(20));
    files.change(
        "hack/lib/version.sh",
        "$Format:%D$",
        "HEAD -> x, tag: v1.28.7",
    );
    let facts = read(&files).unwrap();
    let stamp = facts.archive_stamp.unwrap();
    assert_eq!(stamp.commit, "0a".repeat(20));
    assert_eq!(stamp.version.as_deref(), Some("v1.28.7"));
    assert_eq!(facts.remarks[0].kind, RemarkKind::FixedVersion);
}

/// The shapes from before 1.6: help in comments, release scripts in `build-tools`, a platform that
/// has to be asked for.
#[test]
fn older_shapes_are_read_too() {
    let mut files = MemoryFiles::default();
    files.set(
        "Makefile",
        "# Build code.\n#\n# Example:\n#   make\nall:\n\thack/build-go.sh $(WHAT)\n.PHONY: all\n\n\
         # Build a release\n.PHONY: release quick-release\nrelease quick-release:\n\tbuild-tools/release.sh\n",
    );
    files.set("cmd/kubectl/kubectl.go", "package main\n");
    files.set("plugin/cmd/kube-scheduler/scheduler.go", "package main\n");
    files.set(
        "hack/lib/golang.sh",
        "readonly KUBE_SERVER_TARGETS=(plugin/cmd/kube-scheduler)\nreadonly KUBE_CLIENT_TARGETS=(cmd/kubectl)\n\
         KUBE_SERVER_PLATFORMS=(linux/amd64)\n\
         if [[ \"${KUBE_BUILD_PPC64LE:-}\" =~ ^[yY]$ ]]; then\n  KUBE_SERVER_PLATFORMS+=(linux/ppc64le)\nfi\n\
         x() {\n  if [[ \"${go_version[2]}\" < \"go1.6\" ]]; then return 2; fi\n}\n",
    );
    files.set("build-tools/common.sh", "");
    files.set("build-tools/build-image/cross/VERSION", "v1.7.4-0\n");
    files.set(
        "build-tools/build-image/cross/Dockerfile",
        "FROM golang:1.7.4\n",
    );
    files.set(
        "build-tools/build-image/Dockerfile",
        "FROM gcr.io/google_containers/kube-cross:KUBE_BUILD_IMAGE_CROSS_TAG\n",
    );
    let facts = read(&files).unwrap();
    let target = |name| facts.target(name).unwrap();
    assert_eq!(target("all").summary, "Build code.");
    assert_eq!(target("all").help, "Build code.\n\nExample:\n  make");
    assert_eq!(target("quick-release").summary, "Build a release");
    let scheduler = facts.component("kube-scheduler").unwrap();
    assert_eq!(scheduler.package, "plugin/cmd/kube-scheduler");
    assert!(!scheduler.has_target && !scheduler.is_library);
    assert_eq!(facts.platforms.server, [platform("linux/amd64")]);
    assert_eq!(facts.go.version.as_deref(), Some("1.7.4"));
    assert_eq!(facts.go.minimum.as_deref(), Some("1.6"));
    let cross = facts.kube_cross.unwrap();
    assert_eq!(cross.image, "gcr.io/google_containers/kube-cross");
    assert_eq!(cross.tag, "v1.7.4-0");
}

#[test]
fn facts_survive_a_cache() {
    let facts = fixture("1.20");
    let text = serde_json::to_string(&facts).unwrap();
    assert_eq!(serde_json::from_str::<TreeFacts>(&text).unwrap(), facts);
}
