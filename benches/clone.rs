//! One tag out of a repository: `git clone --depth 1 -b TAG` against kubewright, by `file://` and from `git daemon` on loopback.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Failure;
use super::build::{median, seconds};

/// kubewright, as people install it.
const PROGRAM: &str = env!("CARGO_BIN_EXE_kubewright");

/// What getting a tag took.
struct Got {
    wall: Duration,
    /// What Git keeps, in bytes: objects and its own files.
    git: u64,
    /// With the tree.
    whole: u64,
    /// What was checked out: the id of the commit's tree, and how many files differ from it.
    tree: String,
    /// How many commits came with it.
    commits: String,
}

/// Measures the pairs for each tag and way, and prints them as Markdown.
pub(crate) fn measure(repository: &Path, tags: &[String], pairs: usize) -> Result<(), Failure> {
    let repository = fs::canonicalize(repository)?;
    let daemon = Daemon::start(&repository)?;
    println!(
        "| tag | by | `git clone --depth 1 -b` | `kubewright source path` | ratio | Git keeps | kubewright keeps | with the tree | commits |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let ways = [
        ("file", format!("file://{}", repository.display())),
        ("git daemon", daemon.url.clone()),
    ];
    for tag in tags {
        for (way, url) in &ways {
            row(tag, way, url, pairs)?;
        }
    }
    Ok(())
}

fn row(tag: &str, way: &str, url: &str, pairs: usize) -> Result<(), Failure> {
    let (mut git, mut kubewright, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut last = None;
    for pair in 0..pairs.max(1) {
        let (cloned, provided) = if pair % 2 == 0 {
            let cloned = clone(tag, url)?;
            (cloned, provide(tag, url)?)
        } else {
            let provided = provide(tag, url)?;
            (clone(tag, url)?, provided)
        };
        if cloned.tree != provided.tree {
            return Err(format!(
                "{tag}: Git has {}, kubewright {}",
                cloned.tree, provided.tree
            )
            .into());
        }
        git.push(cloned.wall.as_secs_f64());
        kubewright.push(provided.wall.as_secs_f64());
        ratios.push(provided.wall.as_secs_f64() / cloned.wall.as_secs_f64());
        last = Some((cloned, provided));
    }
    let (cloned, provided) = last.ok_or("no pair")?;
    let middle = |values: &mut [f64]| seconds(Duration::from_secs_f64(median(values)));
    println!(
        "| {tag} | {way} | {} | {} | {:.2} | {} MB | {} MB | {} and {} MB | {} and {} |",
        middle(&mut git),
        middle(&mut kubewright),
        median(&mut ratios),
        cloned.git / 1_000_000,
        provided.git / 1_000_000,
        cloned.whole / 1_000_000,
        provided.whole / 1_000_000,
        cloned.commits,
        provided.commits,
    );
    Ok(())
}

fn clone(tag: &str, url: &str) -> Result<Got, Failure> {
    let room = TempDir::new()?;
    let folder = room.path().join("clone");
    rustix::fs::sync();
    let started = Instant::now();
    duct::cmd!(
        "git",
        "-c",
        "advice.detachedHead=false",
        "clone",
        "--quiet",
        "--depth",
        "1",
        "-b",
        tag,
        url,
        &folder
    )
    .run()?;
    let wall = started.elapsed();
    Ok(Got {
        wall,
        git: size(&folder.join(".git"))?,
        whole: size(&folder)?,
        tree: tree(&folder)?,
        commits: git(&folder, &["rev-list", "--count", "HEAD"])?,
    })
}

fn provide(tag: &str, url: &str) -> Result<Got, Failure> {
    let home = TempDir::new()?;
    rustix::fs::sync();
    let started = Instant::now();
    let folder = duct::cmd!(PROGRAM, "source", "path", tag, "--repo", url)
        .env("KUBEWRIGHT_HOME", home.path())
        .read()?;
    let wall = started.elapsed();
    let folder = Path::new(folder.trim_end());
    Ok(Got {
        wall,
        git: size(&home.path().join("mirrors"))? + size(&folder.join(".git"))?,
        whole: size(home.path())?,
        tree: tree(folder)?,
        commits: git(folder, &["rev-list", "--count", "HEAD"])?,
    })
}

/// The id of the tree that is checked out, and how many files differ.
fn tree(folder: &Path) -> Result<String, Failure> {
    let id = git(folder, &["rev-parse", "HEAD^{tree}"])?;
    let changes = git(folder, &["status", "--porcelain"])?;
    Ok(format!("{id}, {} changes", changes.lines().count()))
}

fn git(folder: &Path, arguments: &[&str]) -> Result<String, Failure> {
    Ok(duct::cmd("git", arguments).dir(folder).read()?)
}

/// What files take on the disk, in bytes.
fn size(folder: &Path) -> Result<u64, Failure> {
    let said = duct::cmd!("du", "-s", "--block-size=1", folder).read()?;
    let number = said.split_whitespace().next().ok_or("du said nothing")?;
    Ok(number.parse()?)
}

/// Git's own server for one folder.
struct Daemon {
    child: Child,
    url: String,
}

impl Daemon {
    fn start(repository: &Path) -> Result<Daemon, Failure> {
        let base = repository.parent().ok_or("a repository has a folder")?;
        let name = repository.file_name().ok_or("a repository has a name")?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = Command::new("git")
            .args(["daemon", "--export-all", "--listen=127.0.0.1"])
            .arg(format!("--port={port}"))
            .arg(format!("--base-path={}", base.display()))
            .arg(repository)
            .stdin(Stdio::null())
            .spawn()?;
        let daemon = Daemon {
            child,
            url: format!("git://127.0.0.1:{port}/{}", name.display()),
        };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if begun.elapsed() > Duration::from_secs(10) {
                return Err("git daemon does not answer".into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(daemon)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
