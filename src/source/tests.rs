//! Whole ways from a request to a checkout, on small repositories.

use std::fs;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::error::{Explain, Kind};

use super::upstream::{Upstream, get, get_directory, get_telling};
use super::*;

/// The real Git, as upstream's scripts use it; no settings of this machine.
fn git(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(directory)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A Git server for the repositories of one folder, on a port that the kernel chooses. Each connection gets a `git daemon`
/// of its own, as inetd would start it.
fn serve(upstream: &Upstream) -> Location {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let base = upstream.root().to_owned();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let connection = OwnedFd::from(connection.unwrap());
            let mut daemon = Command::new("git")
                .args(["daemon", "--inetd", "--export-all", "--enable=upload-pack"])
                .arg(format!("--base-path={}", base.display()))
                .stdin(Stdio::from(connection.try_clone().unwrap()))
                .stdout(Stdio::from(connection))
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            daemon.wait().unwrap();
        }
    });
    Location::Url(format!("git://127.0.0.1:{port}/.git"))
}

#[test]
fn a_tag_is_provided_and_real_git_agrees() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.tag("v1.2.3");
    upstream.commit("later");
    let checkout = get(store.path(), &upstream.location(), "v1.2.3", false).unwrap();
    assert_eq!(git(&checkout.root, &["status", "--porcelain"]), "");
    assert_eq!(git(&checkout.root, &["describe", "--tags"]), "v1.2.3");
    assert_eq!(checkout.stamp.version.as_deref(), Some("v1.2.3"));
    assert_eq!(checkout.committed_at, Some(1_700_000_000));
    assert!(checkout.root.join(".git").is_dir());
    assert!(!checkout.in_place && checkout.changes.is_empty());
}

#[test]
fn a_tag_that_is_here_needs_no_repository() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.tag("v1.2.3");
    let location = upstream.location();
    drop(get(store.path(), &location, "v1.2.3", false).unwrap());
    let commit = upstream.head().to_string();
    drop(upstream);
    for reference in ["v1.2.3", "refs/tags/v1.2.3", &commit, ""] {
        get(store.path(), &location, reference, true).unwrap();
    }
    let error = get(store.path(), &location, "master", true).unwrap_err();
    assert!(error.to_string().contains("it has v1.2.3"), "{error}");
    let error = get(store.path(), &location, "master", false).unwrap_err();
    assert_eq!(error.kind(), Kind::Source);
}

#[test]
fn without_a_ref_the_newest_release_is_taken() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.tag("v1.9.0");
    upstream.commit("later");
    upstream.tag("v1.10.0");
    upstream.commit("later");
    upstream.tag("v1.11.0-rc.0");
    let checkout = get(store.path(), &upstream.location(), "", false).unwrap();
    assert_eq!(checkout.reference, "v1.10.0");
}

#[test]
fn a_branch_that_moved_is_updated_in_place() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.tag("v1.2.0-alpha.0");
    let location = upstream.location();
    let first = get(store.path(), &location, "master", false).unwrap();
    let output = first.root.join("_output/bin/kubectl");
    fs::create_dir_all(output.parent().unwrap()).unwrap();
    fs::write(&output, "built").unwrap();
    drop(first);
    let commit = upstream.commit("second").to_string();
    let second = get(store.path(), &location, "master", false).unwrap();
    assert_eq!(second.commit.as_deref(), Some(&*commit));
    assert_eq!(
        fs::read_to_string(second.root.join("message")).unwrap(),
        "second"
    );
    assert_eq!(fs::read_to_string(&output).unwrap(), "built");
    let version = format!("v1.2.0-alpha.0.1+{}", &commit[..14]);
    assert_eq!(second.stamp.version, Some(version));
    assert_eq!(git(&second.root, &["status", "--porcelain"]), "");
    drop(second);
    let offline = get(store.path(), &location, "master", true).unwrap();
    assert_eq!(offline.commit, Some(commit));
}

#[test]
fn what_somebody_changed_in_a_checkout_is_put_back() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.tag("v1.2.3");
    let root = get(store.path(), &upstream.location(), "v1.2.3", false)
        .unwrap()
        .root;
    fs::write(root.join("message"), "changed").unwrap();
    fs::write(root.join("extra.go"), "package extra").unwrap();
    fs::remove_file(root.join("hack/lib/init.sh")).unwrap();
    let mut restored = Vec::new();
    let mut tell = |progress| {
        if let Progress::Restoring { changes } = progress {
            restored = changes;
        }
    };
    let location = upstream.location();
    let checkout = get_telling(store.path(), &location, "v1.2.3", false, &mut tell).unwrap();
    assert_eq!(
        restored,
        ["?? extra.go", " D hack/lib/init.sh", " M message"]
    );
    assert!(checkout.changes.is_empty());
    assert_eq!(fs::read_to_string(root.join("message")).unwrap(), "first");
    assert!(!root.join("extra.go").exists());
}

#[test]
fn what_was_killed_half_way_is_made_again() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.tag("v1.2.3");
    let location = upstream.location();
    let root = get(store.path(), &location, "v1.2.3", false).unwrap().root;
    let partial = root.with_file_name(".v1.2.3.partial");
    fs::rename(&root, &partial).unwrap();
    fs::remove_file(partial.join("message")).unwrap();
    drop(get(store.path(), &location, "v1.2.3", false).unwrap());
    assert!(!partial.exists());
    fs::remove_file(root.join(".git/HEAD")).unwrap();
    let checkout = get(store.path(), &location, "v1.2.3", false).unwrap();
    assert_eq!(git(&checkout.root, &["status", "--porcelain"]), "");
}

#[test]
fn a_damaged_mirror_is_made_again() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.tag("v1.2.3");
    let location = upstream.location();
    drop(get(store.path(), &location, "v1.2.3", false).unwrap());
    fs::remove_dir_all(store.path().join("checkouts")).unwrap();
    let mirror = store
        .path()
        .join("mirrors")
        .join(format!("{}.git", location.slug()));
    let blob = git2::Oid::hash_object(git2::ObjectType::Blob, b"first")
        .unwrap()
        .to_string();
    fs::remove_file(mirror.join("objects").join(&blob[..2]).join(&blob[2..])).unwrap();
    let mut remade = false;
    let mut tell = |progress| remade |= matches!(progress, Progress::RemakingMirror { .. });
    let checkout = get_telling(store.path(), &location, "v1.2.3", false, &mut tell).unwrap();
    assert!(checkout.changes.is_empty() && remade);
}

#[test]
fn a_damaged_repository_is_named() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.tag("v1.2.3");
    let blob = git2::Oid::hash_object(git2::ObjectType::Blob, b"first")
        .unwrap()
        .to_string();
    fs::remove_file(
        upstream
            .repository
            .path()
            .join("objects")
            .join(&blob[..2])
            .join(&blob[2..]),
    )
    .unwrap();
    let error = get(store.path(), &upstream.location(), "v1.2.3", false).unwrap_err();
    assert!(error.damage().is_some(), "{error}");
    assert_eq!(error.kind(), Kind::Source);
}

/// libgit2 never ends to read an object that is cut short: what it writes is on the disk before it has its name.
#[test]
fn a_crash_leaves_no_object_cut_short() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.tag("v1.2.3");
    drop(get(store.path(), &upstream.location(), "v1.2.3", false).unwrap());
    let mirrors = fs::read_dir(store.path().join("mirrors")).unwrap();
    let mirror = mirrors
        .flatten()
        .find(|entry| entry.path().is_dir())
        .unwrap();
    let setting = git(
        &mirror.path(),
        &["config", "--bool", "core.fsyncObjectFiles"],
    );
    assert_eq!(setting, "true");
}

#[test]
fn unknown_refs_name_near_ones() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.tag("v1.34.1");
    let error = get(store.path(), &upstream.location(), "v1.34.11", false).unwrap_err();
    assert!(error.to_string().contains("near names: v1.34.1"), "{error}");
    assert_eq!(error.kind(), Kind::Source);
    let commit = upstream.head().to_string();
    let error = get(store.path(), &upstream.location(), &commit[..10], false).unwrap_err();
    assert!(matches!(error, SourceError::ShortCommit { .. }), "{error}");
}

#[test]
fn the_embedded_repository_is_the_same_everywhere() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = get(one.path(), &Location::Embedded, "", true);
    assert!(
        first.is_err(),
        "nothing is there before it was provided once"
    );
    let first = get(one.path(), &Location::Embedded, "", false).unwrap();
    let second = get(two.path(), &Location::Embedded, "", false).unwrap();
    assert_eq!(first.commit, second.commit);
    assert_eq!(first.stamp.version.as_deref(), Some(&*first.reference));
    assert_eq!(git(&first.root, &["status", "--porcelain"]), "");
    assert_eq!(git(&first.root, &["describe", "--tags"]), first.reference);
    git(&first.root, &["fsck", "--strict"]);
}

#[test]
fn over_a_network_a_tag_comes_alone() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.commit("second");
    upstream.tag("v1.2.3");
    upstream.commit("third");
    upstream.commit("fourth");
    upstream.tag("v1.2.4");
    let location = serve(&upstream);
    for tag in ["v1.2.3", "v1.2.4", "v1.2.3"] {
        let checkout = get(store.path(), &location, tag, false).unwrap();
        assert_eq!(checkout.stamp.version.as_deref(), Some(tag));
        assert_eq!(git(&checkout.root, &["rev-list", "--count", "HEAD"]), "1");
        assert_eq!(git(&checkout.root, &["describe", "--tags"]), tag);
        assert_eq!(git(&checkout.root, &["status", "--porcelain"]), "");
    }
}

#[test]
fn over_a_network_a_branch_comes_with_its_version() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.tag("v1.2.0");
    for number in 0..120 {
        upstream.commit(&format!("before {number}"));
    }
    upstream.tag("v1.3.0-alpha.0");
    for number in 0..150 {
        upstream.commit(&format!("after {number}"));
    }
    let location = serve(&upstream);
    let mut depths = Vec::new();
    let mut tell = |progress| {
        if let Progress::Deepening { depth } = progress {
            depths.push(depth);
        }
    };
    let checkout = get_telling(store.path(), &location, "master", false, &mut tell).unwrap();
    let commit = checkout.commit.clone().unwrap();
    let version = format!("v1.3.0-alpha.0.150+{}", &commit[..14]);
    assert_eq!(checkout.stamp.version, Some(version));
    assert_eq!(depths, [50, 100, 1_600]);
    let described = git(&checkout.root, &["describe", "--tags", "--abbrev=14"]);
    assert_eq!(described, format!("v1.3.0-alpha.0-150-g{}", &commit[..14]));
    drop(checkout);
    // A tag below must not cut the branch's history off.
    drop(get(store.path(), &location, "v1.3.0-alpha.0", false).unwrap());
    upstream.commit("one more");
    let checkout = get(store.path(), &location, "master", false).unwrap();
    assert!(
        checkout
            .stamp
            .version
            .unwrap()
            .starts_with("v1.3.0-alpha.0.151+")
    );
}

#[test]
fn a_commit_comes_even_from_a_server_that_hands_out_none() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.tag("v1.2.0");
    let commit = upstream.commit("second").to_string();
    upstream.commit("third");
    let location = serve(&upstream);
    let checkout = get(store.path(), &location, &commit, false).unwrap();
    assert_eq!(checkout.commit.as_deref(), Some(&*commit));
    assert_eq!(
        checkout.stamp.version,
        Some(format!("v1.2.0-1+{}", &commit[..14]))
    );
    drop(checkout);
    get(store.path(), &location, &commit, true).unwrap();
}

#[test]
fn a_server_that_is_not_there_is_a_network_error() {
    let store = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let location = Location::Url(format!("git://me:secret@127.0.0.1:{port}/k"));
    let error = get(store.path(), &location, "v1.2.3", false).unwrap_err();
    assert!(matches!(error, SourceError::Network { .. }), "{error:?}");
    assert!(!error.to_string().contains("secret"), "{error}");
    assert!(
        error
            .hints()
            .iter()
            .any(|hint| hint.contains("https_proxy"))
    );
}

#[test]
fn a_directory_is_built_in_place_and_not_touched() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.tag("v1.2.3");
    upstream.write("new.go", "package new");
    let index = fs::read(upstream.repository.path().join("index")).unwrap();
    let listing = || fs::read_dir(upstream.root()).unwrap().count();
    let before = listing();
    let checkout = get_directory(store.path(), &upstream.root().join("hack/lib")).unwrap();
    assert_eq!(checkout.root, upstream.root().canonicalize().unwrap());
    assert_eq!(checkout.changes, ["?? new.go"]);
    assert_eq!(checkout.stamp.version.as_deref(), Some("v1.2.3-dirty"));
    assert_eq!(checkout.stamp.minor.as_deref(), Some("2+"));
    assert_eq!(checkout.reference, "master");
    assert!(checkout.in_place);
    assert_eq!(
        index,
        fs::read(upstream.repository.path().join("index")).unwrap()
    );
    assert_eq!(before, listing());
}

#[test]
fn a_linked_work_tree_and_a_sparse_checkout_are_understood() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.write("docs/a.md", "");
    upstream.commit("docs");
    upstream.tag("v1.2.3");
    let linked = store.path().join("linked");
    git(
        upstream.root(),
        &["worktree", "add", "--detach", linked.to_str().unwrap()],
    );
    git(&linked, &["sparse-checkout", "set", "--no-cone", "/hack/"]);
    let checkout = get_directory(store.path(), &linked).unwrap();
    assert!(checkout.root.join(".git").is_file() && !checkout.root.join("docs").exists());
    assert_eq!(checkout.changes, Vec::<String>::new());
    assert_eq!(checkout.stamp.version.as_deref(), Some("v1.2.3"));
}

#[test]
fn a_directory_without_git_has_no_commit() {
    let (upstream, store) = (Upstream::new(), tempfile::tempdir().unwrap());
    fs::remove_dir_all(upstream.root().join(".git")).unwrap();
    let checkout = get_directory(store.path(), upstream.root()).unwrap();
    assert_eq!((&checkout.commit, &checkout.tree), (&None, &None));
    assert_eq!(checkout.stamp.unversioned, Some(Unversioned::NoRepository));
    let absent = get_directory(store.path(), &upstream.root().join("absent")).unwrap_err();
    assert_eq!(absent.kind(), Kind::Source);
}

#[test]
fn gc_leaves_what_is_held() {
    let (upstream, home) = (Upstream::new(), tempfile::tempdir().unwrap());
    upstream.tag("v1.2.3");
    let store = Store::new(home.path());
    let held = get(home.path(), &upstream.location(), "v1.2.3", false).unwrap();
    drop(get(home.path(), &upstream.location(), "master", false).unwrap());
    assert_eq!(store.list().unwrap().len(), 2);
    assert_eq!(store.gc(Duration::from_hours(1)).unwrap(), []);
    let removed = store.gc(Duration::ZERO).unwrap();
    assert_eq!(removed.len(), 1, "{removed:?}");
    assert!(removed[0].path.ends_with("master") && removed[0].size.0 > 0);
    assert_eq!(store.path("v1.2.3").unwrap()[0].path, held.root);
    drop(held);
    assert_eq!(
        store.gc(Duration::ZERO).unwrap().len(),
        2,
        "the checkout and the mirror"
    );
    get(home.path(), &upstream.location(), "v1.2.3", false).unwrap();
}
