//! The verbs beside `build`.

use std::fs;

use insta::assert_snapshot;
use regex::Regex;

use crate::harness::TestEnvironment;

#[test]
fn recipes_are_listed_and_shown() {
    let environment = TestEnvironment::new();
    let listed = environment.kubewright("recipes list").success();
    assert_snapshot!(listed, @r"
    RECIPE          WHAT IT BUILDS
    kubectl         kubectl for every client platform
    node            What runs on every node: kubelet, kubeadm and kube-proxy
    control-plane   The control plane: API server, controller manager and scheduler
    everything      Everything that `make all` builds, test binaries included
    quick-release   A release for one platform by upstream's own scripts: tarballs and images
    debug           Binaries for a debugger: no optimisation, no inlining, symbols kept
    minimal-memory  kubectl on a small machine: one compiler at a time
    ");
    let json = environment
        .kubewright("recipes list --format json")
        .success()
        .json();
    let names = json["recipes"].as_array().unwrap();
    assert_eq!(names.len(), listed.lines().len() - 1);
    for recipe in names {
        let name = recipe["name"].as_str().unwrap();
        let shown = environment.run(&["recipes", "show", name]).success();
        let file = environment.write(&format!("work/{name}.toml"), &shown.stdout);
        environment
            .run(&["recipes", "check", file.to_str().unwrap()])
            .success();
    }
    assert_snapshot!(environment.kubewright("recipes show minimal-memory"), @r#"
    summary = "kubectl on a small machine: one compiler at a time"

    # One job bounds the memory to what the largest single package needs. It is several times slower.
    [build]
    components = ["kubectl"]
    platforms = ["host"]

    [limits]
    memory = "600MiB"
    jobs = 1
    "#);
}

#[test]
fn targets_of_the_old_shape_and_of_the_new_one() {
    let environment = TestEnvironment::new();
    let new = environment.kubewright("targets --repo demo").success();
    assert_snapshot!(new, @r"
    NAME                    KIND       WHAT IT DOES
    kube-apiserver          component  cmd/kube-apiserver
    kubeadm                 component  cmd/kubeadm
    kubectl                 component  cmd/kubectl
    kubelet                 component  cmd/kubelet
    all                     target     Build code.
    check                   target     Build and run tests.
    clean                   target     Remove all that was built.
    cross                   target     Cross-compile for all platforms.
    cross-in-a-container    target     Cross-compile for all platforms.
    help                    target     Print all targets and what they do.
    lint                    target     Run the linter.
    package                 target     Package tarballs from what a dockerized build left.
    package-tarballs        target     Package tarballs from what a dockerized build left.
    quick-release           target     Build a release, but run no tests, and build for one platform.
    quick-release-images    target     Build release images for one platform.
    quick-verify            target     Run the checks of the source that take no time.
    release                 target     Build a release.
    release-images          target     Build release images.
    release-in-a-container  target     Build a release.
    release-skip-tests      target     Build a release, but run no tests, and build for one platform.
    test                    target     Build and run tests.
    test-integration        target     Build and run integration tests. They need etcd.
    update                  target     Write all generated files anew.
    verify                  target     Run all checks of the source.
    vet                     target     Run 'go vet'.
    ");
    let old = environment
        .kubewright("targets --repo demo --ref v0.1.0")
        .success();
    let only_old: Vec<_> = old
        .lines()
        .into_iter()
        .filter(|line| !new.lines().contains(line))
        .collect();
    assert_snapshot!(only_old.join("\n"), @r"generated_files         target     Write the generated files that a build needs.");
    let json = environment
        .kubewright("targets --repo demo --format json")
        .success()
        .json();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["version"], "v0.2.0");
    // Nothing was built, so no run was opened.
    assert!(environment.runs().is_empty());
}

#[test]
fn sources_are_listed_located_and_removed() {
    let environment = TestEnvironment::new();
    assert_snapshot!(environment.kubewright("source list"), @r"REPOSITORY  REF  VERSION  COMMIT  FOLDER");
    let old = environment.checkout("v0.1.0");
    let new = environment.checkout("master");
    assert!(old.join("Makefile").exists() && new.join("go.work").exists());
    let listed = environment.kubewright("source list").success();
    assert_snapshot!(listed.lines()[1].split_whitespace().take(4).collect::<Vec<_>>().join(" "), @"demo master v0.2.0-1+b7025eb716c879 b7025eb716c8");
    let json = environment
        .kubewright("source list --format json")
        .success()
        .json();
    assert_eq!(json["checkouts"][0]["reference"], "master");
    assert_eq!(json["checkouts"][0]["path"], new.to_str().unwrap());

    // What is in use lately stays.
    assert_snapshot!(environment.kubewright("source gc"), @r"
    ------- stderr -------
    removed 0 folders, [SIZE]
    ");
    assert!(old.exists());
    environment.kubewright("source gc --all").success();
    assert!(!old.exists() && !new.exists());
    assert_eq!(
        fs::read_dir(environment.path("home/mirrors"))
            .unwrap()
            .flatten()
            .filter(|entry| entry.path().is_dir())
            .count(),
        0
    );
    // And comes back.
    assert_eq!(environment.checkout("v0.1.0"), old);
}

#[test]
fn what_was_changed_in_a_checkout_is_put_back() {
    let environment = TestEnvironment::new();
    let tree = environment.checkout("v0.2.0");
    fs::write(tree.join("go.mod"), "broken").unwrap();
    fs::write(tree.join("stray.go"), "package stray\n").unwrap();
    fs::create_dir(tree.join("_output")).unwrap();
    assert_snapshot!(environment.kubewright("source path v0.2.0 --repo demo"), @r"
    [ROOT]/home/checkouts/demo-[DIGEST]/v0.2.0
    ------- stderr -------
    warning: 2 changed files in kubewright's own checkout are put back
    ");
    assert!(tree.join("_output").exists());
    assert_snapshot!(environment.bash(&tree, "git status --porcelain"), @"");
}

#[test]
fn toolchains_are_listed_and_located() {
    let environment = TestEnvironment::new();
    assert_snapshot!(environment.kubewright("toolchain list"), @r"VERSION  FOLDER");
    assert_snapshot!(environment.kubewright("toolchain list --format json"), @r#"
    {
      "schema": 1,
      "toolchains": []
    }
    "#);
}

#[test]
fn settings_tell_where_they_come_from() {
    let mut environment = TestEnvironment::new();
    environment.set("XDG_CONFIG_HOME", environment.path("user/config"));
    environment.set("KUBEWRIGHT_MEMORY", "3GiB");
    environment.write("user/config/kubewright/config.toml", "offline = true\n");
    environment.write("work/kubewright.toml", "[build]\njobs = 2\n");
    let shown = environment.kubewright("config show --origin").success();
    let columns = Regex::new(" {2,}").unwrap();
    assert_snapshot!(columns.replace_all(&shown.to_string(), "  "), @r"
    SETTING  VALUE  ORIGIN
    home  [ROOT]/home  environment KUBEWRIGHT_HOME
    repo  https://github.com/kubernetes/kubernetes  default
    offline  true  [ROOT]/user/config/kubewright/config.toml
    build.jobs  2  [ROOT]/work/kubewright.toml
    build.memory  3GiB  environment KUBEWRIGHT_MEMORY
    build.grace_period  5  default
    build.executor  native  default
    build.cpus  -  default
    build.retry_on_oom  true  default
    engine.host  -  default
    engine.mirrors  -  default
    engine.sync  auto  default
    toolchain.go  host  environment KUBEWRIGHT_GO
    toolchain.download  https://dl.google.com/go  default
    ");
    let json = environment
        .kubewright("config show --format json")
        .success()
        .json();
    assert_eq!(json["settings"][3]["value"], "2");
}

#[test]
fn the_doctor_says_what_is_there() {
    let environment = TestEnvironment::new();
    let general = environment.kubewright("doctor").success();
    for line in [
        "ok    make ",
        "ok    go ",
        "ok    rsync ",
        "Upstream's scripts check no memory",
    ] {
        assert!(general.stdout.contains(line), "{general}");
    }
    let component = environment
        .kubewright("doctor --for kubectl --repo demo")
        .success();
    assert!(component.stdout.contains("ok    toolchain "), "{component}");
    assert!(!component.stdout.contains("rsync"), "{component}");
    let old = environment
        .kubewright("doctor --for kubectl --repo demo --ref v0.1.0")
        .success();
    assert!(old.stdout.contains("ok    rsync "), "{old}");
    environment.kubewright("doctor --for tests").success();
    let recipe = environment
        .kubewright("doctor --for minimal-memory --repo demo")
        .success();
    assert!(recipe.stdout.contains("1 job"), "{recipe}");
    let json = environment
        .kubewright("doctor --format json")
        .success()
        .json();
    assert_eq!(json["schema"], 1);
}

#[test]
fn a_build_needs_no_git_and_the_doctor_says_who_does() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    environment.remove_tool("git");
    let general = environment.kubewright("doctor").success();
    assert!(
        general.stdout.contains(
            "warn  git          there is no `git` on PATH, needed by a tree without a version"
        ),
        "{general}"
    );
    environment
        .kubewright("build component kubectl --repo demo")
        .success();
    let tests = environment.kubewright("doctor --for tests").code(3);
    assert!(tests.stdout.contains("fail  git "), "{tests}");
}

#[test]
fn the_doctor_says_what_is_missing_and_how_to_get_it() {
    let environment = TestEnvironment::new();
    environment.fake_tool("apt-get", "#!/bin/sh\nexit 1\n");
    for tool in ["make", "rsync"] {
        environment.remove_tool(tool);
    }
    let tests = environment.kubewright("doctor --for tests").code(3);
    assert_snapshot!(tests.stderr, @r"
    error: make and rsync are not as the tests need them

    hint: `--setup` installs what is missing; by hand: `apt-get update`, then `apt-get install -y --no-install-recommends make rsync`.
    ");
    assert!(tests.stdout.contains("fail  make "), "{tests}");
    let unknown = environment.kubewright("doctor --for kubctl --repo demo");
    assert_snapshot!(unknown, @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    error: this tree has no component `kubctl`

    hint: did you mean `kubectl` or `kubelet`?
    hint: `kubewright targets --repo demo` lists what this tree can build
    [exit code 2]
    ");
}

#[test]
fn completions_and_manual_pages_are_written() {
    let environment = TestEnvironment::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = environment.run(&["completions", shell]).success();
        assert!(script.stdout.contains("quick-release"), "{shell}");
    }
    let script = environment.run(&["completions", "bash"]).success().stdout;
    environment.write("work/completions.bash", &script);
    let completed = environment.bash(
        &environment.path("work"),
        "source completions.bash; COMP_WORDS=(kubewright build qu); COMP_CWORD=2; _kubewright kubewright qu build; echo \"${COMPREPLY[@]}\"",
    );
    assert_snapshot!(completed, @r"quick-release");
    environment.kubewright("man pages").success();
    let page =
        fs::read_to_string(environment.path("work/pages/kubewright-build-component.1")).unwrap();
    assert!(page.contains("message\\-format"), "{page}");
}

#[test]
fn help_and_version_are_answers() {
    let environment = TestEnvironment::new();
    assert_snapshot!(environment.kubewright("--help"), @r"
    Builds Kubernetes from source: any ref, any component, any target of its Makefile

    Start with `kubewright demo`: a short guided run on a miniature Kubernetes that needs no network.
    Exit codes: 0 done, 1 a step failed, 2 usage, 3 preflight, 4 source, 5 out of memory, 6 out of disk,
    7 engine unreachable, 10 findings, 70 a bug in kubewright, 130 and 143 signals.

    Usage: kubewright <COMMAND>

    Commands:
      build        Build components, all of Kubernetes, a target of its Makefile, or what a recipe says
      recipes      List, show and check recipes
      targets      List what can be built at a ref, each with its help text
      source       List, locate and clean up mirrors and checkouts
      toolchain    List, install and locate Go toolchains
      engine       Look at the container engine, make an image for it, clean up on it
      artifacts    List, verify and export what runs have built
      load         Put the images of a run where they are tested
      scaffold     Make what extends Kubernetes: custom resource definitions
      runs         List and clean up runs
      logs         Print the logs of a run
      diagnose     Find the cause of a failure in the log of any build of Kubernetes
      crd          Check custom resource definitions as the API server does, without one
      demo         A short guided run on a miniature Kubernetes
      doctor       Check what this machine has and lacks for building
      config       Show settings
      completions  Print a completion script for a shell
      man          Write the manual pages into a folder
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version
    ");
    assert!(
        environment
            .kubewright("--version")
            .success()
            .stdout
            .starts_with("kubewright ")
    );
    environment.kubewright("build component --help").success();
}

#[test]
fn the_demo_shows_a_build_and_a_failure() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let tour = environment.kubewright("demo").success();
    let commands = |text: &str| {
        let is_command = |line: &&str| line.starts_with(['$', '[', 'N']);
        text.lines().filter(is_command).collect::<Vec<_>>().join(
            "
",
        )
    };
    assert_snapshot!(commands(&tour.stderr), @r"
    [1/5] What can be built? Everything is read from the tree itself.
    $ kubewright targets --repo demo
    [2/5] The plan: each step with its command, its environment, and why.
    $ kubewright build component kubectl --repo demo --dry-run --go host
    [3/5] The build: checks, then make with progress, then a look at the binary.
    $ kubewright build component kubectl --repo demo --go host
    [4/5] The same again: there is nothing to do.
    $ kubewright build component kubectl --repo demo --go host
    [5/5] What is left behind, and whether it is still what was built.
    $ kubewright artifacts verify
    Next: `kubewright demo --fail`, or the real thing:
    ");
    tour.says("    Fresh  kubectl");
    let failure = environment.kubewright("demo --fail").success();
    assert_snapshot!(commands(&failure.stderr), @r"
    [1/2] A build that fails: this build tag pulls in code that does not compile.
    $ kubewright build component kubectl --repo demo --go host -- GOFLAGS=-tags=broken
    [2/2] The whole log is kept.
    $ kubewright logs
    Next: `kubewright doctor` on what this machine can build.
    ");
    failure.says(" did not build: the code does not compile");
}
