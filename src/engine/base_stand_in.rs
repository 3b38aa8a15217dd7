//! Images that stand in for those which upstream builds the images of a release on, where no registry can be reached: small
//! roots of this machine's own package source, and upstream's little runner of commands.
//!
//! They are like upstream's distroless images: packages are unpacked, and not configured, so that they can be made for another
//! platform, too. Nothing of them is upstream's, and no stand-in has a name of upstream's.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::stand_in::{System, add_file, add_folder, archived, command, debootstrap, pack};
use super::{
    Engine, EngineError, Image, ImageReference, Import, Labels, Purpose, StandIn, StandInError,
};
use crate::cancel::Cancel;
use crate::platform::Platform;

/// The runner of commands.
const RUNNER: &str = include_str!("go-runner.go");

/// Who there is in a root of its own.
const USERS: &str = "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n\
                     nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n";
const GROUPS: &str = "root:x:0:\nnobody:x:65534:\nnonroot:x:65532:\n";

/// The certificates of this machine, which programs that speak TLS want.
const CERTIFICATES: &str = "etc/ssl/certs/ca-certificates.crt";

/// What an image is to its releases.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BaseKind {
    /// The base of static programs, with a runner of commands: `go-runner`.
    Runner,
    /// What kube-proxy needs: `distroless-iptables`, `debian-iptables`.
    Iptables,
    /// What sets the capabilities of files while an image is built: `setcap`.
    Setcap,
    /// A small Debian: `debian-base`.
    Debian,
}

impl BaseKind {
    /// By the last part of its name; `None` where no stand-in is known. Old trees have the architecture in it.
    pub fn of(wanted: &ImageReference) -> Option<BaseKind> {
        let last = wanted.name.rsplit('/').next().unwrap_or_default();
        let kinds = [
            ("go-runner", BaseKind::Runner),
            ("distroless-iptables", BaseKind::Iptables),
            ("debian-iptables", BaseKind::Iptables),
            ("setcap", BaseKind::Setcap),
            ("debian-base", BaseKind::Debian),
        ];
        kinds
            .into_iter()
            .find(|(name, _)| last.starts_with(name))
            .map(|(_, kind)| kind)
    }

    /// Whether it runs while images are built, on the engine's own platform, whatever they are for.
    pub fn runs_in_build(self) -> bool {
        self == BaseKind::Setcap
    }

    /// Debian's packages beside those that every system has.
    fn packages(self) -> &'static str {
        match self {
            BaseKind::Runner | BaseKind::Debian => "ca-certificates",
            BaseKind::Iptables => "iptables,conntrack,ipset,kmod,nftables,netbase",
            BaseKind::Setcap => "libcap2-bin",
        }
    }
}

/// The name of the image that stands in for another on a platform.
pub fn base_stand_in_name(wanted: &ImageReference, platform: &Platform) -> ImageReference {
    let last = wanted.name.rsplit('/').next().unwrap_or_default();
    let name = format!("kubewright/{last}-stand-in");
    wanted
        .renamed(&name)
        .tagged_behind(&platform.arch().replace('/', "-"))
}

impl Engine {
    /// Makes a stand-in for an image that a release is built on, and gives it its name.
    pub fn make_base_stand_in(
        &self,
        kind: BaseKind,
        wanted: &ImageReference,
        platform: &Platform,
        with: &StandIn<'_>,
        cancel: &Cancel,
        say: &mut dyn FnMut(&str),
    ) -> Result<Image, StandInError> {
        let reference = base_stand_in_name(wanted, platform);
        fs::create_dir_all(with.cache).map_err(|source| StandInError::Io {
            path: with.cache.to_owned(),
            source,
        })?;
        let import = Import {
            reference: &reference,
            platform,
            scratch: with.cache,
            environment: &[(
                "PATH",
                "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            )],
            entrypoint: &[],
            labels: &Labels::new(Purpose::StandIn, ""),
        };
        if kind == BaseKind::Runner {
            let runner = compiled(platform, with)?;
            let import = Import {
                entrypoint: &["/go-runner"],
                ..import
            };
            let certificates = Path::new("/").join(CERTIFICATES);
            return Ok(self.import(&import, cancel, move |writer| {
                write_runner(&runner.path().join("go-runner"), &certificates, writer)
            })?);
        }
        let archive = unpacked(kind, platform, with, cancel, say)?;
        Ok(self.import(&import, cancel, move |writer| {
            io::copy(&mut File::open(archive)?, writer).map(|_| ())
        })?)
    }
}

/// The runner, compiled for a platform by the tree's Go, in a folder that goes with the value.
fn compiled(platform: &Platform, with: &StandIn<'_>) -> Result<tempfile::TempDir, StandInError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| StandInError::Io { path, source }
    };
    let folder = tempfile::tempdir_in(with.cache).map_err(io(with.cache))?;
    let source = folder.path().join("go-runner.go");
    fs::write(&source, RUNNER).map_err(io(&source))?;
    let go = with.toolchain.join("bin/go");
    let output = command(&go, with)
        .args([
            "build",
            "-trimpath",
            "-ldflags=-s -w -buildid=",
            "-o",
            "go-runner",
        ])
        .arg("go-runner.go")
        .current_dir(folder.path())
        .envs([
            ("CGO_ENABLED", "0"),
            ("GOENV", "off"),
            ("GOTOOLCHAIN", "local"),
            ("GO111MODULE", "off"),
        ])
        .env("GOOS", platform.os())
        .env("GOARCH", platform.arch())
        .env("GOROOT", with.toolchain)
        .env("GOPATH", folder.path().join("path"))
        .env("GOCACHE", folder.path().join("cache"))
        .output()
        .map_err(io(&go))?;
    if output.status.success() {
        return Ok(folder);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(StandInError::NotCompiled {
        last: said.trim().lines().last().unwrap_or_default().to_owned(),
    })
}

fn write_runner(runner: &Path, certificates: &Path, writer: &mut dyn Write) -> io::Result<()> {
    let mut archive = tar::Builder::new(writer);
    add_folder(&mut archive, "tmp", 0o1777)?;
    for folder in [
        "etc",
        "etc/ssl",
        "etc/ssl/certs",
        "home",
        "home/nonroot",
        "usr",
        "usr/local",
        "usr/local/bin",
    ] {
        add_folder(&mut archive, folder, 0o755)?;
    }
    add_file(&mut archive, "etc/passwd", 0o644, USERS.as_bytes())?;
    add_file(&mut archive, "etc/group", 0o644, GROUPS.as_bytes())?;
    add_file(
        &mut archive,
        "etc/nsswitch.conf",
        0o644,
        b"hosts: files dns\n",
    )?;
    if let Ok(certificates) = fs::read(certificates) {
        add_file(&mut archive, CERTIFICATES, 0o644, &certificates)?;
    }
    add_file(&mut archive, "go-runner", 0o755, &fs::read(runner)?)?;
    archive.into_inner()?.flush()
}

/// A root of Debian's packages for a platform as an archive, made where it is absent.
fn unpacked(
    kind: BaseKind,
    platform: &Platform,
    with: &StandIn<'_>,
    cancel: &Cancel,
    say: &mut dyn FnMut(&str),
) -> Result<PathBuf, StandInError> {
    let arch = debian_arch(platform);
    let what = format!("{kind:?}").to_lowercase();
    let name = |system: &System| format!("{what}-{}-{arch}.tar", system.suite);
    archived(with, cancel, say, &name, |system, scratch, say| {
        let root = scratch.join("root");
        let more = ["--foreign".to_owned(), format!("--arch={arch}")];
        debootstrap(with, system, kind.packages(), &more, &root, say)?;
        unpack(&root, with)?;
        finish(&root).map_err(|source| StandInError::Io {
            path: root.clone(),
            source,
        })?;
        pack(with, &root, &scratch.join("root.tar"))
    })
}

/// What Debian calls the architecture of a platform.
fn debian_arch(platform: &Platform) -> &str {
    match platform.arch() {
        "ppc64le" => "ppc64el",
        "386" => "i386",
        "arm" => "armhf",
        arch => arch,
    }
}

/// debootstrap leaves the packages that were asked for as archives, since it cannot run their scripts; they are unpacked as
/// it has unpacked the others.
fn unpack(root: &Path, with: &StandIn<'_>) -> Result<(), StandInError> {
    let packages = root.join("var/cache/apt/archives");
    let mut archives: Vec<PathBuf> = fs::read_dir(&packages)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .collect();
    archives.sort();
    for archive in archives {
        let io = |path: &str| {
            let path = PathBuf::from(path);
            move |source| StandInError::Io { path, source }
        };
        let mut reading = command("dpkg-deb", with)
            .arg("--fsys-tarfile")
            .arg(&archive)
            .stdout(std::process::Stdio::piped())
            .spawn()
            .map_err(io("dpkg-deb"))?;
        let mut writing = command("tar", with);
        if let Some(files) = reading.stdout.take() {
            writing.stdin(files);
        }
        let written = writing
            .args(["--keep-directory-symlink", "-xf", "-", "-C"])
            .arg(root)
            .output()
            .map_err(io("tar"))?;
        let read = reading.wait().map_err(io("dpkg-deb"))?;
        if !written.status.success() || !read.success() {
            return Err(StandInError::Failed {
                last: format!(
                    "{}: {}",
                    archive.display(),
                    String::from_utf8_lossy(&written.stderr).trim()
                ),
            });
        }
    }
    Ok(())
}

/// What the scripts of packages would have done, as far as it is needed: users, and the names of iptables. What only the
/// making needed goes.
fn finish(root: &Path) -> io::Result<()> {
    for (file, fallback) in [("passwd", USERS), ("group", GROUPS)] {
        let master = root.join(format!("usr/share/base-passwd/{file}.master"));
        let text = fs::read_to_string(master).unwrap_or_else(|_| fallback.to_owned());
        fs::write(root.join("etc").join(file), text)?;
    }
    if root.join("usr/sbin/xtables-nft-multi").exists() {
        for name in ["iptables", "ip6tables"] {
            for part in ["", "-save", "-restore"] {
                let link = root.join(format!("usr/sbin/{name}{part}"));
                if link.symlink_metadata().is_err() {
                    symlink("xtables-nft-multi", link)?;
                }
            }
        }
    }
    // What containers mount something on must be a folder, and debootstrap makes links where it finds that easier.
    for folder in ["dev", "proc", "sys"] {
        let folder = root.join(folder);
        if folder.is_symlink() {
            fs::remove_file(&folder)?;
        }
        fs::create_dir_all(&folder)?;
    }
    for folder in ["debootstrap", "var/cache/apt/archives", "var/lib/apt/lists"] {
        let _ = fs::remove_dir_all(root.join(folder));
    }
    Ok(())
}

/// There is no stand-in for an image.
pub fn no_stand_in(wanted: &ImageReference) -> StandInError {
    StandInError::Engine(EngineError::NoImage {
        image: wanted.to_string(),
        source: io::Error::other("kubewright knows no stand-in for it"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_the_names_of_every_era() {
        for (name, kind) in [
            (
                "registry.k8s.io/build-image/go-runner",
                Some(BaseKind::Runner),
            ),
            (
                "registry.k8s.io/build-image/distroless-iptables",
                Some(BaseKind::Iptables),
            ),
            ("k8s.gcr.io/debian-iptables-amd64", Some(BaseKind::Iptables)),
            ("registry.k8s.io/build-image/setcap", Some(BaseKind::Setcap)),
            ("k8s.gcr.io/debian-base-amd64", Some(BaseKind::Debian)),
            ("example.org/other", None),
        ] {
            assert_eq!(
                BaseKind::of(&ImageReference::new(name, "v1")),
                kind,
                "{name}"
            );
        }
    }

    #[test]
    fn a_stand_in_has_a_name_of_its_own_for_each_platform() {
        let wanted =
            ImageReference::new("registry.k8s.io/build-image/go-runner", "v2.4.0-go1.25.1");
        let name = base_stand_in_name(&wanted, &"linux/arm64".parse().unwrap());
        assert_eq!(
            name.to_string(),
            "kubewright/go-runner-stand-in:v2.4.0-go1.25.1-arm64"
        );
    }

    #[test]
    fn what_scripts_of_packages_would_do_is_done() {
        let root = tempfile::tempdir().unwrap();
        for folder in ["etc", "usr/sbin", "usr/share/base-passwd", "debootstrap"] {
            fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        fs::write(root.path().join("usr/sbin/xtables-nft-multi"), "").unwrap();
        fs::write(
            root.path().join("usr/share/base-passwd/passwd.master"),
            "root::\n",
        )
        .unwrap();
        symlink("/proc", root.path().join("proc")).unwrap();
        finish(root.path()).unwrap();
        assert!(!root.path().join("proc").is_symlink() && root.path().join("dev").is_dir());
        let read = |name: &str| fs::read_to_string(root.path().join(name)).unwrap();
        assert_eq!(read("etc/passwd"), "root::\n");
        assert_eq!(read("etc/group"), GROUPS);
        let link = fs::read_link(root.path().join("usr/sbin/ip6tables-restore")).unwrap();
        assert_eq!(link, Path::new("xtables-nft-multi"));
        assert!(!root.path().join("debootstrap").exists());
    }

    #[test]
    fn the_root_of_static_programs_has_a_runner_and_users() {
        let folder = tempfile::tempdir().unwrap();
        let runner = folder.path().join("runner");
        fs::write(&runner, "program").unwrap();
        let mut bytes = Vec::new();
        write_runner(&runner, &folder.path().join("none"), &mut bytes).unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let modes: Vec<_> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                (
                    entry.path().unwrap().display().to_string(),
                    entry.header().mode().unwrap(),
                )
            })
            .collect();
        assert!(
            modes.contains(&("go-runner".to_owned(), 0o755)),
            "{modes:?}"
        );
        assert!(modes.contains(&("tmp".to_owned(), 0o1777)), "{modes:?}");
        assert!(
            !modes.iter().any(|(name, _)| name == CERTIFICATES),
            "{modes:?}"
        );
    }
}
