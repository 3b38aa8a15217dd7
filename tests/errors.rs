//! Errors of usage and source: each with the code of the published table, what happened, and what to type next.

use insta::assert_snapshot;

use crate::harness::TestEnvironment;

const BUILD: &[&str] = &["build", "component", "kubectl"];

fn demo(more: &[&str]) -> Vec<&'static str> {
    // The words live as long as the test binary: there are few.
    let words = BUILD.iter().chain(&["--repo", "demo"]).copied();
    words
        .chain(more.iter().map(|word| &*word.to_string().leak()))
        .collect()
}

#[test]
fn refs() {
    let environment = TestEnvironment::new();
    let run = |more: &[&str]| environment.run(&demo(more));
    assert_snapshot!(run(&["--ref", "v9.9.9"]), @r"
    ------- stderr -------
    error: `demo` has no tag, branch or commit `v9.9.9`

    hint: take one of those that it has: v0.1.0, v0.1.1, v0.2.0-alpha.0, v0.2.0, master
    [exit code 4]
    ");
    assert_snapshot!(run(&["--ref", "v0.2"]), @r"
    ------- stderr -------
    error: `demo` has no tag, branch or commit `v0.2`; near names: v0.2.0, v0.2.0-alpha.0, v0.1.0, v0.1.1

    hint: the nearest is `--ref v0.2.0`
    [exit code 4]
    ");
    assert_snapshot!(run(&["--ref", "27d599dd7f43"]), @r"
    ------- stderr -------
    error: `27d599dd7f43` is only a part of a commit id, and no tag or branch of `demo`

    hint: type all 40 digits: `git rev-parse COMMIT` prints them in a clone that has it
    [exit code 4]
    ");
    assert_snapshot!(run(&["--ref", "0123456789012345678901234567890123456789"]), @r"
    ------- stderr -------
         Note  the repository hands out no single commits: all of its branches are fetched
    error: `demo` has no tag, branch or commit `0123456789012345678901234567890123456789`

    hint: take one of those that it has: v0.1.0, v0.1.1, v0.2.0-alpha.0, v0.2.0, master
    [exit code 4]
    ");
    assert_snapshot!(run(&["--ref", "--upload-pack=touch /tmp/x"]), @r"
    ------- stderr -------
    error: `--upload-pack=touch /tmp/x` cannot be a ref: it looks like an option

    hint: a ref is a tag (`--ref v1.34.1`), a branch (`--ref master`) or a whole commit id
    [exit code 2]
    ");
    assert_snapshot!(run(&["--ref=-x"]), @r"
    ------- stderr -------
    error: `-x` cannot be a ref: it looks like an option

    hint: a ref is a tag (`--ref v1.34.1`), a branch (`--ref master`) or a whole commit id
    [exit code 2]
    ");
    assert_snapshot!(run(&["--ref", ""]), @r"
    ------- stderr -------
    error: `` cannot be a ref: it is empty

    hint: a ref is a tag (`--ref v1.34.1`), a branch (`--ref master`) or a whole commit id
    [exit code 2]
    ");
}

#[test]
fn components_targets_and_platforms() {
    let environment = TestEnvironment::new();
    let run = |line: &str| environment.kubewright(&format!("build {line} --repo demo"));
    assert_snapshot!(run("component kubctl"), @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    error: this tree has no component `kubctl`

    hint: did you mean `kubectl` or `kubelet`?
    hint: `kubewright targets --repo demo` lists what this tree can build
    [exit code 2]
    ");
    assert_snapshot!(run("component kubectl hyperkube"), @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    error: this tree has no component `hyperkube`

    hint: the `hyperkube` binary left Kubernetes in 1.17, its image in 1.19: build `kube-apiserver`, `kube-controller-manager`, `kube-scheduler`, `kube-proxy`, `kubelet` and `kubectl` instead
    hint: `kubewright targets --repo demo` lists what this tree can build
    [exit code 2]
    ");
    assert_snapshot!(run("target quick-relase"), @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    error: this tree has no target `quick-relase`

    hint: did you mean `quick-release` or `quick-release-images` or `quick-verify`?
    hint: `kubewright targets --repo demo` lists what this tree can build
    [exit code 2]
    ");
    assert_snapshot!(run("component kubectl --platform amd64"), @r"
    ------- stderr -------
    error: invalid value 'amd64' for '--platform <OS/ARCH>': expected OS/ARCH or one of client, server, node, all, host

    For more information, try '--help'.
    [exit code 2]
    ");
    let unsupported = run("component kubelet --platform plan9/amd64").code(2);
    unsupported
        .says("error: this tree does not build kubelet for plan9/amd64\n")
        .says("hint: it builds it for ");
}

#[test]
fn recipes() {
    let environment = TestEnvironment::new();
    environment.write(
        "work/key.toml",
        "summary = \"x\"\n\n[build]\ncomponents = [\"kubectl\"]\nplatform = [\"linux/amd64\"]\n",
    );
    environment.write("work/type.toml", "[build]\ncomponents = \"kubectl\"\n");
    environment.write(
        "work/both.toml",
        "[build]\ncomponents = [\"kubectl\"]\ntarget = \"all\"\n",
    );
    for file in ["key.toml", "type.toml", "both.toml"] {
        let checked = environment.run(&["recipes", "check", file]).code(2);
        let built = environment.run(&["build", "recipe", file]).code(2);
        assert_eq!(checked.stderr, built.stderr);
    }
    assert_snapshot!(environment.kubewright("recipes check key.toml"), @r#"
    ------- stderr -------
    error: unknown key `platform` in [build] of key.toml
      --> key.toml:5:1
       |
     5 | platform = ["[PLATFORM]"]
       | ^^^^^^^^ did you mean `platforms`?
    [exit code 2]
    "#);
    assert_snapshot!(environment.kubewright("recipes check type.toml"), @r#"
    ------- stderr -------
    error: wrong type of `components` in [build] of type.toml
      --> type.toml:2:14
       |
     2 | components = "kubectl"
       |              ^^^^^^^^^ expected an array of texts: ["…", "…"], found a text
    [exit code 2]
    "#);
    assert_snapshot!(environment.kubewright("recipes check both.toml"), @r#"
    ------- stderr -------
    error: no `summary` in both.toml
      --> both.toml:1:1
       |
     1 | [build]
       | ^ say in one line what it builds: summary = "…"

    error: `components` together with `target` in [build] of both.toml
      --> both.toml:3:10
       |
     3 | target = "all"
       |          ^^^^^ keep one of them
    [exit code 2]
    "#);
    assert_snapshot!(environment.kubewright("recipes check none.toml"), @r"
    ------- stderr -------
    error: cannot read the recipe `none.toml`
      caused by: No such file or directory (os error 2)

    hint: `kubewright recipes list` lists the built-in recipes
    [exit code 2]
    ");
    assert_snapshot!(environment.kubewright("build recipe nodes"), @r"
    ------- stderr -------
    error: no recipe is called `nodes`

    hint: did you mean `node`?
    hint: `kubewright recipes list` lists the built-in ones; a file's name ends in `.toml`
    [exit code 2]
    ");
}

#[test]
fn folders_and_commits_that_are_no_kubernetes() {
    let environment = TestEnvironment::new();
    assert_snapshot!(environment.kubewright("build component kubectl --source ."), @r"
    ------- stderr -------
       Source  [ROOT]/work ready in [TIME]
    error: this is not a Kubernetes tree: it has no `hack/lib/golang.sh`, no `Makefile`, no `cmd/`

    hint: name the root of a Kubernetes checkout with `--source DIR`, or a ref with `--ref v1.34.1`
    [exit code 4]
    ");
    assert_snapshot!(environment.kubewright("build component kubectl --source absent"), @r"
    ------- stderr -------
    error: cannot use `absent` as source
      caused by: No such file or directory (os error 2)

    hint: `--source` takes the folder of a Kubernetes tree; without it, `--ref v1.34.1` fetches one
    [exit code 4]
    ");
    let tree = environment.checkout("v0.1.0");
    let first = environment
        .bash(&tree, "git rev-list --max-parents=0 HEAD")
        .success();
    let run = environment.run(&demo(&["--ref", first.stdout.trim_end()]));
    assert_snapshot!(run, @r"
    ------- stderr -------
       Source  f0197a62c4de7f48ee86c087065d443d5c52615a (f0197a6) ready in [TIME]
    error: this is not a Kubernetes tree: it has no `hack/lib/golang.sh`, no `Makefile`, no `cmd/`

    hint: name the root of a Kubernetes checkout with `--source DIR`, or a ref with `--ref v1.34.1`
    [exit code 4]
    ");
}

#[test]
fn variables_of_make() {
    let environment = TestEnvironment::new();
    assert_snapshot!(environment.run(&demo(&["--", "NOTANASSIGNMENT"])), @r"
    ------- stderr -------
    error: `NOTANASSIGNMENT` is no variable for make

    hint: behind `--` stand variables for make, such as `DBG=1`
    [exit code 2]
    ");
    assert_snapshot!(environment.run(&demo(&["--", "WHAT=cmd/kubelet"])), @r"
    ------- stderr -------
    error: `WHAT` cannot be passed to make
      caused by: kubewright makes it of the components

    hint: name components: `kubewright build component NAME… --repo demo`, or `components` in [build] of a recipe
    [exit code 2]
    ");
    assert_snapshot!(environment.run(&demo(&["--", "=1"])), @r"
    ------- stderr -------
    error: `` cannot be passed to make
      caused by: a name has letters, digits and `_`, and does not begin with a digit
    [exit code 2]
    ");
    assert_snapshot!(environment.run(&demo(&["--", "A=$(shell id)"])), @r"
    ------- stderr -------
    error: `A` cannot be passed to make
      caused by: make would expand `$`; `$$` stands for one
    [exit code 2]
    ");
}

#[test]
fn a_network_that_is_not_there() {
    let environment = TestEnvironment::new();
    let repository = "https://127.0.0.1:9/x";
    let run = environment.run(&["build", "component", "kubectl", "--repo", repository]);
    assert_snapshot!(run, @r"
    ------- stderr -------
         Note  the network failed (failed to connect to 127.0.0.1: Connection refused): try 2
         Note  the network failed (failed to connect to 127.0.0.1: Connection refused): try 3
         Note  the network failed (failed to connect to 127.0.0.1: Connection refused): try 4
    error: cannot reach `https://127.0.0.1:9/x`: failed to connect to 127.0.0.1: Connection refused

    hint: behind a proxy, set `https_proxy` (and `no_proxy`); Git's own `http.proxy` is read too
    hint: from a clone on this machine: `--repo file:///path/to/kubernetes`, or build it in place with `--source DIR`
    hint: what was fetched before needs no network: add `--offline`
    [exit code 4]
    ");
    let offline = environment.kubewright("build component kubectl --offline --ref v1.34.1");
    assert_snapshot!(offline, @r"
    ------- stderr -------
    error: `v1.34.1` of `https://github.com/kubernetes/kubernetes` is not on this machine, and `--offline` forbids to fetch it

    hint: leave `--offline` out once, or take a ref that is here
    [exit code 4]
    ");
    let unknown = environment.kubewright("build component kubectl --repo gopher://x/y");
    assert_snapshot!(unknown, @r"
    ------- stderr -------
    error: cannot fetch from `gopher://x/y`: unsupported URL protocol

    hint: use the https URL, or clone with `git clone` and use `--source DIR`
    [exit code 4]
    ");
}

#[test]
fn what_is_on_this_machine_needs_no_network() {
    let environment = TestEnvironment::new();
    environment.checkout("v0.2.0");
    environment
        .kubewright("build component kubectl --repo demo --ref v0.2.0 --offline --dry-run")
        .success();
}

#[test]
fn settings() {
    let mut environment = TestEnvironment::new();
    environment.set("XDG_CONFIG_HOME", environment.path("user/config"));
    let file = "user/config/kubewright/config.toml";
    environment.write(file, "[build]\njob = 2\n");
    assert_snapshot!(environment.kubewright("config show"), @r"
    ------- stderr -------
    error: unknown setting `build.job` in `[ROOT]/user/config/kubewright/config.toml`, line 2

    hint: did you mean `build.jobs`?
    [exit code 2]
    ");
    environment.write(file, "[build\n");
    assert_snapshot!(environment.kubewright("build component kubectl --repo demo"), @r"
    ------- stderr -------
    error: the settings in `[ROOT]/user/config/kubewright/config.toml` are not valid TOML
    TOML parse error at line 1, column 7
      |
    1 | [build
      |       ^
    unclosed table, expected `]`

    [exit code 2]
    ");
    environment.write(file, "[build]\njobs = 0\n");
    assert_snapshot!(environment.kubewright("config show"), @r"
    ------- stderr -------
    error: `0` is no value for the setting `build.jobs` (from [ROOT]/user/config/kubewright/config.toml): it is a whole number from 1 on

    hint: `kubewright config show --origin` lists all settings
    [exit code 2]
    ");
    std::fs::remove_file(environment.path(file)).unwrap();
    std::fs::create_dir(environment.path(file)).unwrap();
    assert_snapshot!(environment.kubewright("config show"), @r"
    ------- stderr -------
    error: cannot read the settings in `[ROOT]/user/config/kubewright/config.toml`
      caused by: Is a directory (os error 21)
    [exit code 2]
    ");
}

#[test]
fn usage() {
    let environment = TestEnvironment::new();
    assert_snapshot!(environment.kubewright("bild"), @r"
    ------- stderr -------
    error: unrecognized subcommand 'bild'

      tip: a similar subcommand exists: 'build'

    Usage: kubewright <COMMAND>

    For more information, try '--help'.
    [exit code 2]
    ");
    assert_snapshot!(environment.kubewright("build component"), @r"
    ------- stderr -------
    error: the following required arguments were not provided:
      <NAME>...

    Usage: kubewright build component <NAME>... [-- <VAR=value>...]

    For more information, try '--help'.
    [exit code 2]
    ");
    assert_snapshot!(environment.kubewright("build component kubectl --repo demo --source ."), @r"
    ------- stderr -------
    error: the argument '--repo <URL|demo>' cannot be used with '--source <DIR>'

    Usage: kubewright build component --repo <URL|demo> <NAME>... [-- <VAR=value>...]

    For more information, try '--help'.
    [exit code 2]
    ");
    assert_snapshot!(environment.kubewright("build component kubectl --jobs 0"), @r"
    ------- stderr -------
    error: invalid value '0' for '--jobs <N>': 0 is not in 1..=4294967295

    For more information, try '--help'.
    [exit code 2]
    ");
    assert_snapshot!(environment.kubewright("build component kubectl --memory lots"), @r"
    ------- stderr -------
    error: invalid value 'lots' for '--memory <SIZE>': `lots` is not a size: write it as a number with a unit, for example 600MiB or 2GiB

    For more information, try '--help'.
    [exit code 2]
    ");
    assert_snapshot!(environment.kubewright("logs abcdef"), @r"
    ------- stderr -------
    error: there is no run `abcdef`

    hint: `kubewright runs list` shows all of them
    [exit code 2]
    ");
    assert_snapshot!(environment.kubewright("toolchain path 1.24.6"), @r"
    ------- stderr -------
    error: go1.[N] is not in kubewright's store

    hint: `kubewright toolchain install 1.24.6` puts it there
    [exit code 3]
    ");
    assert_snapshot!(environment.kubewright("toolchain install latest"), @r"
    ------- stderr -------
    error: `latest` is not a version of Go

    hint: write it with its patch release, for example 1.24.6
    [exit code 2]
    ");
    assert_snapshot!(environment.kubewright("diagnose absent.log"), @r"
    ------- stderr -------
    error: cannot read the log `absent.log`
      caused by: No such file or directory (os error 2)
    [exit code 2]
    ");
}

#[test]
fn a_damaged_mirror_is_healed() {
    let environment = TestEnvironment::new();
    environment.checkout("v0.1.0");
    let mirrors = environment.path("home/mirrors");
    let script = "rm -r ../checkouts; find . -type f -path '*/objects/*' -exec truncate -s 0 {} +";
    environment.bash(&mirrors, script).success();
    let path = environment
        .kubewright("source path v0.1.0 --repo demo")
        .success();
    assert_snapshot!(path, @r"
    [ROOT]/home/checkouts/demo-[DIGEST]/v0.1.0
    ------- stderr -------
         Note  the mirror `[ROOT]/home/mirrors/demo-[DIGEST].git/` is damaged (failed to insert entry: invalid object specified - .gitattributes) and is made again
    ");
    environment
        .bash(
            path.stdout.trim_end().as_ref(),
            "git fsck --strict && git status --porcelain",
        )
        .success();
}

#[test]
fn a_tree_of_another_user_is_built_once_it_is_trusted() {
    // Only root can give files away.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let mut environment = TestEnvironment::new();
    let tree = environment.clone_demo("theirs", "v0.2.0");
    environment
        .bash(environment.root(), "chown -R 4242:4242 theirs")
        .success();
    let line = ["targets", "--source", tree.to_str().unwrap()];
    assert_snapshot!(environment.run(&line), @r"
    ------- stderr -------
    error: `[ROOT]/theirs` belongs to another user, and Git was not told to trust it

    hint: trust it: `git config --global --add safe.directory [ROOT]/theirs`
    [exit code 4]
    ");
    // The hint, with the file that Git's own variable names.
    environment.set("GIT_CONFIG_GLOBAL", environment.path("gitconfig"));
    let trust = format!(
        "git config --global --add safe.directory {}",
        tree.display()
    );
    environment.bash(environment.root(), &trust).success();
    environment.run(&line).success();
}

#[test]
fn a_size_needs_a_unit() {
    let environment = TestEnvironment::new();
    environment
        .kubewright("build component kubectl --memory 500")
        .code(2)
        .says("write it as a number with a unit");
}

#[test]
fn what_was_meant_by_a_command_line_that_is_wrong() {
    let environment = TestEnvironment::new();
    for (line, hint) in [
        (
            "build kubectl --repo demo",
            "did you mean `kubewright build component kubectl --repo demo`?",
        ),
        (
            "build component kubectl -j4",
            "`--jobs 4` compiles that many packages at once",
        ),
        (
            "build component kubectl DBG=1",
            "variables for make go behind `--`: `-- DBG=1`",
        ),
        (
            "build component cmd/kubectl",
            "the component's name alone: `kubectl`",
        ),
        (
            "build component kubectl v0.2.0",
            "a version is named by `--ref v0.2.0`",
        ),
    ] {
        let run = environment.kubewright(line).code(2);
        let run = run.says(&format!("hint: {hint}\n"));
        assert!(!run.stderr.contains("-- -j4"), "{run}");
    }
    assert!(environment.runs().is_empty());
}
