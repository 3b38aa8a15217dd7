//! What is refused before a build starts, and disks that are full.

use std::fs;

use insta::assert_snapshot;

use crate::harness::{TestEnvironment, can_mount, fill_cache};

/// Hints name the commands of the package manager that is found: here always the same one.
fn with_apt() -> TestEnvironment {
    let environment = TestEnvironment::new();
    environment.fake_tool("apt-get", "#!/bin/sh\nexit 1\n");
    environment
}

#[test]
fn no_make() {
    let environment = with_apt();
    environment.remove_tool("make");
    let run = environment.kubewright("build component kubectl --repo demo");
    assert_snapshot!(run, @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    error: the build was not started: there is no `make` on PATH, needed by kubectl [PLATFORM] (Kubernetes is built by make)

    hint: `--setup` installs what is missing; by hand: `apt-get update`, then `apt-get install -y --no-install-recommends make`.
    [exit code 3]
    ");
}

#[test]
fn no_rsync_where_the_tree_needs_it() {
    let environment = with_apt();
    environment.remove_tool("rsync");
    let run = environment.kubewright("build component kubectl --repo demo --ref v0.1.0");
    assert_snapshot!(run, @r"
    ------- stderr -------
       Source  v0.1.0 (27d599d) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    error: the build was not started: there is no `rsync` on PATH, needed by kubectl [PLATFORM] (binaries are placed by rsync in this tree; without it make ends with 0 and leaves no binary)

    hint: `--setup` installs what is missing; by hand: `apt-get update`, then `apt-get install -y --no-install-recommends rsync`.
    [exit code 3]
    ");
    assert!(
        !environment.checkout("v0.1.0").join("_output").exists(),
        "the build was started"
    );
}

#[test]
fn no_rsync_where_the_tree_does_not_need_it() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    environment.remove_tool("rsync");
    environment
        .kubewright("build component kubectl --repo demo")
        .success();
}

#[test]
fn no_compiler_for_c() {
    let environment = with_apt();
    for tool in ["gcc", "cc"] {
        environment.remove_tool(tool);
    }
    let run = environment.kubewright("build component kubelet --repo demo");
    assert_snapshot!(run, @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    error: the build was not started: there is no `gcc` on PATH, needed by kubelet [PLATFORM] (kubelet is built with cgo)

    hint: `--setup` installs what is missing; by hand: `apt-get update`, then `apt-get install -y --no-install-recommends gcc libc6-dev`.
    [exit code 3]
    ");
    // kubectl needs none.
    environment
        .kubewright("build component kubectl --repo demo --dry-run")
        .success();
}

#[test]
fn no_go() {
    let environment = with_apt();
    environment.remove_tool("go");
    let run = environment.kubewright("build component kubectl --repo demo");
    assert_snapshot!(run, @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    error: the Go on PATH was asked for and cannot be used
      caused by: there is no `go` on PATH

    hint: leave out `--go host`, and the tree's own Go is downloaded
    [exit code 3]
    ");
}

#[test]
fn set_up_installs_what_is_missing_and_goes_on() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    environment.remove_tool("make");
    let make = crate::harness::real_tool("make");
    environment.fake_tool(
        "apt-get",
        &format!(
            "#!/bin/sh\necho \"$@\" >> {root}/asked\n[ \"$1\" = update ] || ln -s {make} {root}/bin/make\n",
            root = environment.root().display(),
            make = make.display(),
        ),
    );
    let run = environment
        .kubewright("build component kubectl --repo demo --setup --yes")
        .success();
    assert_snapshot!(run, @r"
    [ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubectl
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    apt-get will install what is missing:
      apt-get update
      apt-get install -y --no-install-recommends make
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  kubectl [PLATFORM]
     Finished  kubectl v0.2.0 [PLATFORM] · [SIZE] · sha256 [SHA] · [TIME] · run [RUN]
    ");
    assert_snapshot!(fs::read_to_string(environment.path("asked")).unwrap(), @r"
    update
    install -y --no-install-recommends make
    ");
}

#[test]
fn a_space_in_the_path() {
    let mut environment = TestEnvironment::new();
    let tree = environment.clone_demo("work/plain", "v0.2.0");
    let spaced = environment.path("work/with space");
    fs::rename(tree, &spaced).unwrap();
    assert_snapshot!(environment.run_in(&spaced, &["build", "component", "kubectl"]), @r"
    ------- stderr -------
       Source  [ROOT]/work/with space (2fe3467) as v0.2.0 ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    error: the build was not started: the path `[ROOT]/work/with space` has a space in it, and make splits paths at it

    hint: Move the tree to a path without spaces and colons.
    [exit code 3]
    ");
    let home = environment.path("my home");
    environment.set("KUBEWRIGHT_HOME", home);
    assert_snapshot!(environment.kubewright("build component kubectl --repo demo"), @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    error: the build was not started: the path `[ROOT]/my home/checkouts/demo-[DIGEST]/v0.2.0` has a space in it, and make splits paths at it

    hint: Set `KUBEWRIGHT_HOME` to a path without spaces and colons.
    [exit code 3]
    ");
}

#[test]
fn too_little_memory() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let line = "build component kubectl --repo demo --memory 50MiB";
    let refused = environment.kubewright(line).code(3);
    refused
        .says("error: the build was not started: the build needs at least ")
        .says(" MiB of memory, and `--memory` allows 50 MiB\n")
        .says("`--force` builds anyway");
    environment.kubewright(&format!("{line} --force")).success();
    // Only forecasts are overridden.
    environment.remove_tool("make");
    let forced = environment.kubewright(&format!("{line} --force")).code(3);
    forced.says("make");
}

#[test]
fn a_tree_without_a_version() {
    let environment = TestEnvironment::new();
    let tree = environment.clone_demo("work/kubernetes", "v0.2.0");
    fs::remove_dir_all(tree.join(".git")).unwrap();
    let run = environment.run_in(&tree, &["build", "component", "kubectl"]);
    assert_snapshot!(run, @r"
    ------- stderr -------
       Source  [ROOT]/work/kubernetes ready in [TIME]
    error: the tree has no version to stamp binaries with: the tree has no Git repository and was not made by `git archive`

    hint: `--force` builds all the same; binaries then call themselves v0.0.0-master
    [exit code 4]
    ");
    fill_cache(&tree);
    let forced = environment
        .run_in(&tree, &["build", "component", "kubectl", "--force", "-q"])
        .success();
    let version = environment
        .bash(
            &tree,
            &format!("{} version --client", forced.stdout.trim_end()),
        )
        .success();
    assert_snapshot!(version, @r"Client Version: v0.0.0-master+$Format:%H$");
}

#[test]
fn output_that_cannot_be_written() {
    let environment = TestEnvironment::new();
    let tree = environment.clone_demo("work/kubernetes", "v0.2.0");
    let output = tree.join("_output");
    let line = "build component kubectl --source kubernetes";
    let run = if can_mount() {
        fs::create_dir(&output).unwrap();
        let output = output.display();
        let mounts = format!("mount --bind {output} {output} && mount -o remount,bind,ro {output}");
        environment.finish(&mut environment.command_after_mounting(&mounts, line))
    } else {
        // What no container lets anybody write.
        std::os::unix::fs::symlink("/proc/sys", &output).unwrap();
        environment.kubewright(line)
    };
    run.code(3)
        .says(&format!(
            "error: the build was not started: `{}",
            tree.display()
        ))
        .says("_output` is on a file system that is mounted read-only");
}

#[test]
fn output_that_is_a_file() {
    let environment = TestEnvironment::new();
    let tree = environment.clone_demo("work/kubernetes", "v0.2.0");
    fs::write(tree.join("_output"), "").unwrap();
    let run = environment.kubewright("build component kubectl --source kubernetes");
    assert_snapshot!(run, @r"
    ------- stderr -------
       Source  [ROOT]/work/kubernetes (2fe3467) as v0.2.0 ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    error: the build was not started: `[ROOT]/work/kubernetes/_output` is no folder

    hint: To remove it, type `rm [ROOT]/work/kubernetes/_output`.
    [exit code 3]
    ");
}

#[test]
fn a_release_without_docker_or_its_engine() {
    let mut environment = with_apt();
    // Whatever engine this machine has: there is none.
    let nowhere = format!("unix://{}", environment.path("none.sock").display());
    environment.set("DOCKER_HOST", nowhere);
    environment.remove_tool("docker");
    let none = environment.kubewright("build quick-release --repo demo");
    assert_snapshot!(none, @r#"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    error: the build was not started: 3 checks failed
      - there is no `docker` on PATH, needed by quick-release (upstream's release scripts build in a container and make images)
      - there is no `docker buildx`, needed by quick-release (upstream's release scripts make images with `docker buildx`)
      - there is no `docker` on PATH to reach an engine with

    hint: `--setup` installs what is missing; by hand: `apt-get update`, then `apt-get install -y --no-install-recommends docker.io iptables`.
    hint: `--setup` builds `docker buildx` from its Go module, for want of a package; by hand: `cd "$(mktemp -d)"`, then `go mod init x`, then `go get github.com/docker/buildx/cmd/buildx@v0.25.0`, then `go build -o docker-buildx github.com/docker/buildx/cmd/buildx`, then `mkdir -p ~/.docker/cli-plugins`, then `cp --remove-destination docker-buildx ~/.docker/cli-plugins/`.
    [exit code 3]
    "#);
    environment.fake_tool(
        "docker",
        "#!/bin/sh\ncase \"$1\" in\n--version) echo Docker version 28.2.2, build e6534b4;;\nbuildx) echo github.com/docker/buildx v0.25.0 faaea65;;\n*) echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?' >&2; exit 1;;\nesac\n",
    );
    let dead = environment.kubewright("build quick-release --repo demo");
    assert_snapshot!(dead, @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    error: the build was not started: the `docker` command is there, but no engine answers it: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?

    hint: Start the engine: `sudo systemctl start docker`; without systemd `sudo dockerd`; on macOS Docker Desktop.
    [exit code 7]
    ");
}

/// What the kernel says of a full disk, without one: every machine has this device.
#[test]
fn a_step_that_meets_a_full_disk() {
    let environment = TestEnvironment::new();
    environment.fake_tool(
        "make",
        "#!/bin/bash\n[ \"$1\" = --version ] && exec echo GNU Make 4.3\necho x > /dev/full\nexit 2\n",
    );
    let run = environment.kubewright("build component kubectl --repo demo");
    assert_snapshot!(run, @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  kubectl [PLATFORM]
    error: kubectl [PLATFORM] did not build: a file system is full: `_output`, the folder for temporary files, or the layers of the container engine
      caused by: step `make kubectl` exited with 2
      log: [ROOT]/home/runs/[RUN]/make-kubectl.log, line 1: [ROOT]/bin/make: line 3: echo: write error: No space left on device

    hint: Make room; TMPDIR moves Go's temporary files, and `source gc` and `runs gc` remove what is not needed any more: `kubewright source gc`
    [exit code 6]
    ");
}

#[test]
fn disks_that_are_full() {
    let environment = TestEnvironment::new();
    if !can_mount() {
        // `a_step_that_meets_a_full_disk` needs no mount.
        return;
    }
    let tree = environment.clone_demo("work/kubernetes", "v0.2.0");
    let run = |folder: &str, size: &str, line: &str| {
        let folder = environment.path(folder);
        fs::create_dir_all(&folder).unwrap();
        let mount = format!("mount -t tmpfs -o size={size} tmpfs {}", folder.display());
        environment.finish(&mut environment.command_after_mounting(&mount, line))
    };
    let forced = "build component kubectl --source kubernetes --force";
    // The forecast refuses it.
    let forecast = run(
        "work/kubernetes/_output",
        "8m",
        "build component kubectl --source kubernetes",
    );
    forecast.code(3).says("error: the build was not started: ");
    // What the forecast would have spared.
    let during = run("work/kubernetes/_output", "2m", forced);
    during
        .code(6)
        .says("did not build: a file system is full")
        .says("no space left on device");
    // The compiler's temporary files.
    let temporary = run("tmp", "1m", forced);
    temporary
        .code(6)
        .says("did not build: a file system is full")
        .says("no space left on device");
    // No room for the mirror, and none for the run.
    assert_snapshot!(run("home", "256k", "build component kubectl --repo demo --ref v0.1.1"), @r"
    ------- stderr -------
    error: cannot write the embedded repository: failed to write out file: No space left on device

    hint: free space with `kubewright source gc`, or put the store elsewhere with `KUBEWRIGHT_HOME=DIR`
    [exit code 6]
    ");
    fill_cache(&tree);
    assert_snapshot!(run("home", "1m", forced), @r#"
    ------- stderr -------
       Source  [ROOT]/work/kubernetes (2fe3467) as v0.2.0 ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  kubectl [PLATFORM]
    error: kubectl [PLATFORM] ended well, but `_output/local/bin/[PLATFORM]/kubectl` is not what it was to build
      caused by: it cannot be copied to `[ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubectl`
      caused by: No space left on device (os error 28)
      log: [ROOT]/home/runs/[RUN]/make-kubectl.log

    hint: Make room; TMPDIR moves Go's temporary files, and `source gc` and `runs gc` remove what is not needed any more: `kubewright source gc`
    [exit code 6]
    "#);
    let out = run("work/out", "1m", &format!("{forced} --out out"));
    assert_snapshot!(out, @r#"
    ------- stderr -------
       Source  [ROOT]/work/kubernetes (2fe3467) as v0.2.0 ready in [TIME]
    Preflight  [HOST]
               [CHOICE]
    Toolchain  go1.[N] from PATH, as asked for
     Building  kubectl [PLATFORM]
    error: kubectl [PLATFORM] was built, and cannot be copied to `out/[PLATFORM]/kubectl`
      caused by: No space left on device (os error 28)

    hint: it is kept as `[ROOT]/home/runs/[RUN]/artifacts/[PLATFORM]/kubectl`, until `kubewright runs gc` removes it
    [exit code 6]
    "#);
}

#[test]
fn a_place_for_artifacts_that_cannot_be_written_is_said_before_the_build() {
    let environment = TestEnvironment::new();
    environment.write("work/bin", "a file");
    assert_snapshot!(environment.kubewright("build component kubectl --repo demo --out bin/new"), @r"
    ------- stderr -------
    error: `--out bin/new` cannot be written, because of `bin`
      caused by: not a directory

    hint: name another folder with `--out DIR`; without it artifacts are kept in the run's folder
    [exit code 3]
    ");
}

#[test]
fn artifacts_that_cannot_be_handed_over_are_kept() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    // The folder can be written, the one in it cannot be made.
    let platform = crate::harness::host_platform();
    let os = platform.split('/').next().unwrap();
    environment.write(&format!("work/bin/{os}"), "a file");
    let run = environment
        .kubewright("build component kubectl --repo demo --out bin")
        .code(3)
        .says(" was built, and cannot be copied to `bin/")
        .says("hint: it is kept as `");
    let (_, kept) = run.stderr.split_once("it is kept as `").unwrap();
    assert!(std::path::Path::new(kept.split('`').next().unwrap()).is_file());
    let id = environment.manifest().run;
    environment
        .run(&["artifacts", "export", &id, "bin"])
        .code(3)
        .says("cannot read or write `bin/");
}
