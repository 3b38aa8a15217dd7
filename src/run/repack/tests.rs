use std::fs;
use std::os::unix::fs::PermissionsExt;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::*;
use crate::report::image_archive::read_images;
use crate::report::image_archive::testing::archive;

const TIME: i64 = 1_700_000_000;

fn again(folder: &Path) -> Result<Vec<PathBuf>, RepackError> {
    let cancel = Cancel::default();
    let repacking = Repacking {
        time: TIME,
        cancel: &cancel,
    };
    repack(&[folder.to_owned()], repacking)
}

/// A tarball of files, in this order, at a time and by an owner.
fn tarball(files: &[(&str, &[u8])], time: u64) -> Vec<u8> {
    let gz = GzEncoder::new(Vec::new(), Compression::fast());
    let mut builder = tar::Builder::new(gz);
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        header.set_mtime(time);
        header.set_uid(time);
        header.set_username("somebody").unwrap();
        builder.append_data(&mut header, name, *content).unwrap();
    }
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    header.set_mode(0o777);
    header.set_mtime(time);
    builder
        .append_link(&mut header, "kubernetes/a-link", "b")
        .unwrap();
    builder.into_inner().unwrap().finish().unwrap()
}

fn layer(time: u64) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(7);
    header.set_mode(0o755);
    header.set_mtime(time);
    builder
        .append_data(&mut header, "usr/local/bin/kubectl", &b"kubectl"[..])
        .unwrap();
    builder.into_inner().unwrap()
}

#[test]
fn two_tarballs_of_the_same_files_become_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let long = format!("kubernetes/{}/x", "deep/".repeat(40));
    let files: [(&str, &[u8]); 3] = [
        ("kubernetes/b", b"b"),
        (&long, b"long"),
        ("kubernetes/a", b""),
    ];
    let mut other = files;
    other.reverse();
    let path = |name: &str| dir.path().join(name);
    fs::write(path("one.tar.gz"), tarball(&files, 1_800_000_000)).unwrap();
    fs::create_dir(path("below")).unwrap();
    fs::write(path("below/two.tgz"), tarball(&other, 1_800_000_777)).unwrap();
    fs::set_permissions(path("one.tar.gz"), fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(
        again(dir.path()).unwrap(),
        [path("below/two.tgz"), path("one.tar.gz")]
    );
    let one = fs::read(path("one.tar.gz")).unwrap();
    assert_eq!(one, fs::read(path("below/two.tgz")).unwrap());
    let mode = fs::metadata(path("one.tar.gz")).unwrap().permissions();
    assert_eq!(mode.mode() & 0o777, 0o640);
    let mut archive = tar::Archive::new(GzDecoder::new(&one[..]));
    let mut seen = Vec::new();
    for entry in archive.entries().unwrap() {
        let entry = entry.unwrap();
        let header = entry.header();
        assert_eq!(header.mtime().unwrap(), TIME as u64);
        assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
        assert_eq!(header.username().unwrap().unwrap(), "");
        let link = entry
            .link_name()
            .unwrap()
            .map(|it| it.display().to_string());
        seen.push((
            entry.path().unwrap().display().to_string(),
            header.mode().unwrap(),
            link,
        ));
    }
    let file = |name: &str| (name.to_owned(), 0o755, None);
    assert_eq!(
        seen,
        [
            file("kubernetes/a"),
            ("kubernetes/a-link".to_owned(), 0o777, Some("b".to_owned())),
            file("kubernetes/b"),
            file(&long),
        ]
    );
    // What is packed anew stays as it is.
    again(dir.path()).unwrap();
    assert_eq!(one, fs::read(path("one.tar.gz")).unwrap());
}

#[test]
fn images_keep_names_and_old_layers_and_lose_the_time_of_new_ones() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, time| {
        let path = dir.path().join(name);
        fs::write(&path, archive(&layer(time), &["x/kubectl:v1"])).unwrap();
        path
    };
    let old = file("old.tar", 1_600_000_000);
    let (one, two) = (
        file("one.tar", 1_800_000_000),
        file("two.tar", 1_800_000_777),
    );
    let before = read_images(&old).unwrap();
    again(dir.path()).unwrap();
    assert_eq!(read_images(&old).unwrap()[0].layers, before[0].layers);
    let images = read_images(&one).unwrap();
    assert_eq!(images[0].names, ["x/kubectl:v1"]);
    assert_ne!(images[0].layers, before[0].layers);
    assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap());
}

#[test]
fn archives_in_a_tarball_are_packed_anew_too() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, time| {
        let image = archive(&layer(time), &["x/kubectl:v1"]);
        let sources = tarball(&[("kubernetes/go.mod", b"module")], time);
        let files: [(&str, &[u8]); 4] = [
            ("kubernetes/server/bin/kubectl.tar", &image),
            ("kubernetes/kubernetes-src.tar.gz", &sources),
            ("kubernetes/empty.tar", b""),
            ("kubernetes/version", b"v1"),
        ];
        let path = dir.path().join(name);
        fs::write(&path, tarball(&files, time)).unwrap();
        path
    };
    let one = write("one.tar.gz", 1_800_000_000);
    let two = write("two.tar.gz", 1_900_000_000);
    again(dir.path()).unwrap();
    assert_eq!(fs::read(one).unwrap(), fs::read(two).unwrap());
}

#[test]
fn what_is_no_archive_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(again(dir.path()), Err(RepackError::Nothing(_))));
    let path = dir.path().join("broken.tar.gz");
    let mut whole = tarball(&[("kubernetes/x", &vec![7; 100_000])], 1);
    whole.truncate(whole.len() / 2);
    fs::write(&path, &whole).unwrap();
    assert!(matches!(again(dir.path()), Err(RepackError::Io { .. })));
    assert_eq!(fs::read(&path).unwrap(), whole);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn a_wish_to_stop_leaves_all_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("one.tar.gz");
    let whole = tarball(&[("kubernetes/x", b"x")], 1);
    fs::write(&path, &whole).unwrap();
    let cancel = Cancel::default();
    cancel.request(2);
    let repacking = Repacking {
        time: TIME,
        cancel: &cancel,
    };
    let stopped = repack(&[dir.path().to_owned()], repacking).unwrap_err();
    assert_eq!(stopped.kind(), Kind::Signal(2));
    assert_eq!(fs::read(&path).unwrap(), whole);
}
