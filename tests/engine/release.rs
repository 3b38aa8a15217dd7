//! Releases: compiled in a container, packed by the tree's own functions with the real docker command and buildx.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use insta::assert_snapshot;
use kubewright::plan::Executor;
use rustix::process::Signal;

use crate::harness::{TestEngine, TestEnvironment, running_below};

/// What a release left: each file with its mode; of a tarball what is in it with modes, owners and links, of an image its
/// names. What differs between any two builds (times, and so sizes and checksums) is not in it.
fn left(environment: &TestEnvironment, tree: &Path) -> BTreeMap<String, String> {
    let script = "cd _output && find release-stage release-tars release-images -type f 2>/dev/null | LC_ALL=C sort";
    let files = environment.bash(tree, script).stdout;
    files
        .lines()
        .map(|name| {
            let file = tree.join("_output").join(name);
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            let inside = if name.ends_with(".tar.gz") {
                let list = format!(
                    "tar tvzf {} | awk '{{print $1, $2, $6, $7, $8}}' | LC_ALL=C sort",
                    file.display()
                );
                environment.bash(tree, &list).success().stdout
            } else if name.starts_with("release-images/") {
                let names = format!(
                    "tar xOf {} manifest.json | grep -o '\"RepoTags\":[^]]*]'",
                    file.display()
                );
                environment.bash(tree, &names).success().stdout
            } else {
                String::new()
            };
            (name.to_owned(), format!("{mode:o}\n{inside}"))
        })
        .collect()
}

/// What the tree's own `make TARGET` leaves, in a clone of its own.
fn upstream(
    engine: &TestEngine,
    environment: &TestEnvironment,
    target: &str,
    registry: &str,
) -> BTreeMap<String, String> {
    let tree = environment.clone_demo("upstream", "v0.2.0");
    let (image, tag) = engine.image.rsplit_once(':').unwrap();
    let script = format!(
        "make {target} KUBE_CROSS_IMAGE={image} KUBE_CROSS_VERSION={tag} KUBE_DOCKER_REGISTRY={registry}"
    );
    environment.bash(&tree, &script).success();
    left(environment, &tree)
}

#[test]
fn a_quick_release_is_what_the_trees_own_target_leaves() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.release_environment();
    let ours = environment
        .kubewright(&engine.release("quick-release", ""))
        .success();
    let tree = environment.checkout("v0.2.0");
    let files = left(&environment, &tree);
    assert_eq!(
        files,
        upstream(&engine, &environment, "quick-release", "localhost/none")
    );
    let tarballs = ["client", "node", "server"]
        .map(|set| format!("kubernetes-{set}-{}", host().replace('/', "-")))
        .map(|name| format!("artifacts/release-tars/{name}.tar.gz"));
    let manifest = environment.manifest();
    let mut names: Vec<_> = manifest
        .artifacts
        .iter()
        .map(|it| it.path.clone())
        .collect();
    names.sort();
    let mut expected = tarballs.to_vec();
    expected.push("artifacts/release-tars/kubernetes-src.tar.gz".to_owned());
    assert_eq!(names, expected);
    assert_eq!(ours.lines().len(), expected.len());
    let plan = manifest.plan.unwrap();
    let executors: Vec<_> = plan.steps.iter().map(|step| step.executor).collect();
    assert_eq!(executors, [Executor::Docker, Executor::Native]);
    assert_eq!(plan.steps[1].needs, [plan.steps[0].id.clone()]);
    assert_eq!(engine.of_run(&manifest.run), Vec::<String>::new());
}

#[test]
fn images_of_a_quick_release_are_what_the_trees_own_target_leaves() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.release_environment();
    let registry = "localhost/same";
    environment
        .kubewright(&images(&engine, registry, ""))
        .success();
    let tree = environment.checkout("v0.2.0");
    let files = left(&environment, &tree);
    assert_eq!(
        files,
        upstream(&engine, &environment, "quick-release-images", registry)
    );
    let images = files
        .keys()
        .filter(|name| name.starts_with("release-images/"));
    assert_eq!(images.count(), 2);
    remove(&engine, registry);
}

/// A command line that builds images with a registry of the test's own in their names: tests run side by side on one engine.
fn images(engine: &TestEngine, registry: &str, more: &str) -> String {
    let line = engine.release("quick-release-images", more);
    format!("{line} -- KUBE_DOCKER_REGISTRY={registry}")
}

/// The names of the images of the embedded repository.
fn names(registry: &str) -> [String; 2] {
    let arch = kubewright::platform::Platform::host().arch().to_owned();
    ["kube-apiserver", "kubectl"].map(|name| format!("{registry}/{name}-{arch}:v0.2.0"))
}

/// Takes the images off the engine again.
fn remove(engine: &TestEngine, registry: &str) {
    let [one, other] = names(registry);
    engine.docker(&["rmi", &one, &other]);
}

fn host() -> String {
    crate::harness::host_platform()
}

#[test]
fn the_plan_of_a_release_shows_each_step_with_its_reason() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.release_environment();
    let plan = environment
        .kubewright(&engine.release("quick-release", "--dry-run"))
        .success();
    let text = plan.to_string();
    let (_, steps) = text.split_once("\n\n").unwrap();
    assert_snapshot!(steps, @r#"
    step make-cross
             why  quick-release packs what `make cross` compiles; build/release.sh runs it in a container, too
         command  make cross KUBE_BUILD_PLATFORMS=[PLATFORM]
          folder  {source}
     environment  FORCE_HOST_GO=y
                  GIT_CONFIG_COUNT=1
                  GIT_CONFIG_KEY_0=safe.directory
                  GIT_CONFIG_VALUE_0=*
                  GOCACHE={cache}/build
                  GODEBUG=goindex=0
                  GOENV=off
                  GOFLAGS=-buildvcs=false
                  GOMODCACHE={cache}/mod
                  GOTOOLCHAIN=local
                  HOME={home}
                  KUBE_GIT_VERSION_FILE={run}/version
                  KUBE_OUTPUT_SUBPATH=_output/dockerized
                  KUBE_PARALLEL_BUILD_MEMORY=9999
                  LC_ALL=C
                  PATH={toolchain}/bin:{path}
                  SOURCE_DATE_EPOCH=1756803600
                  TERM=dumb
       passes on  HTTP_PROXY
                  HTTPS_PROXY
                  NO_PROXY
                  http_proxy
                  https_proxy
                  no_proxy
                  GOPROXY
                  GOSUMDB
                  GONOSUMDB
                  GIMME_DOWNLOAD_BASE
           tools  make: Kubernetes is built by make
                  bash: the tree's build scripts are written in bash
        hands on  _output/dockerized/bin

    step package
             why  the tree's own `kube::release::package_tarballs` makes them of what was compiled, as build/release.sh has it
         command  bash -c 'set -o errexit -o nounset -o pipefail; source build/common.sh; source build/lib/release.sh; kube::build::ensure_tar; kube::version::get_version_vars; kube::version::save_version_vars "${{KUBE_ROOT}}/.dockerized-kube-version-defs"; umask 0022; rm -rf "${{RELEASE_TARS}}" "${{RELEASE_IMAGES}}"; kube::release::package_tarballs'
          folder  {source}
     environment  DOCKER_HOST={engine}
                  FORCE_HOST_GO=y
                  GOENV=off
                  GOTOOLCHAIN=local
                  HOME={home}
                  KUBE_BUILD_PLATFORMS=[PLATFORM]
                  KUBE_FASTBUILD=true
                  KUBE_GIT_VERSION_FILE={run}/version
                  KUBE_RELEASE_RUN_TESTS=n
                  KUBE_VERBOSE=1
                  LC_ALL=C
                  PATH={path}
                  SOURCE_DATE_EPOCH=1756803600
                  TERM=dumb
       passes on  HTTP_PROXY
                  HTTPS_PROXY
                  NO_PROXY
                  http_proxy
                  https_proxy
                  no_proxy
                  SSL_CERT_FILE
                  SSL_CERT_DIR
                  TMPDIR
                  DOCKER_CONFIG
                  DOCKER_TLS_VERIFY
                  DOCKER_CERT_PATH
                  DOCKER_API_VERSION
           tools  bash: the tree's build scripts are written in bash
                  docker: the tree's release scripts make images with it
                  docker buildx: the tree's release scripts make images with `docker buildx`
                  tar: the tree's release scripts pack archives with it
       leaves in  _output/release-tars
                  _output/release-images
           needs  make-cross
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    "#);
    let tested = environment
        .kubewright(&engine.release("release", "--dry-run"))
        .success();
    let steps: Vec<_> = tested
        .lines()
        .into_iter()
        .filter(|line| line.starts_with("step "))
        .collect();
    assert_eq!(steps, ["step make-cross", "step make-test", "step package"]);
}

#[test]
fn a_release_without_buildx_is_not_begun() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let mut environment = engine.release_environment();
    let none = environment.path("none");
    environment.set("DOCKER_CONFIG", none);
    environment.fake_tool(
        "docker",
        "#!/bin/sh\n[ \"$1\" = --version ] && exec echo Docker version 28.2.2, build e6534b4\nexit 1\n",
    );
    let refused = environment
        .kubewright(&engine.release("quick-release", ""))
        .code(3);
    refused.says("there is no `docker buildx`, needed by tarballs and images");
}

#[test]
fn a_failure_of_packing_lists_nothing() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.release_environment();
    environment.fake_tool("tar", "#!/bin/sh\n[ \"$1\" = --version ] && exec echo 'tar (GNU tar) 1.34'\necho 'tar: it does not go on' >&2\nexit 2\n");
    let failed = environment
        .kubewright(&engine.release("quick-release", ""))
        .code(1);
    assert_eq!(failed.stdout, "");
    let manifest = environment.manifest();
    assert_eq!(manifest.artifacts, []);
    // The next one goes on with what is there.
    environment.restore_tool("tar");
    let resume = format!("--resume {}", manifest.run);
    environment
        .kubewright(&engine.release("quick-release", &resume))
        .success();
}

#[test]
fn what_does_not_compile_is_not_packed() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.release_environment();
    let failed = environment
        .kubewright(&engine.release("quick-release", "--reproducible -- FAKE=fail"))
        .code(1);
    assert_eq!(failed.stdout, "");
    let manifest = environment.manifest();
    assert_eq!(manifest.artifacts, []);
    let steps: Vec<_> = manifest.steps.iter().map(|it| it.step.as_str()).collect();
    assert_eq!(steps, ["make-cross"]);
    let sums = environment.runs()[0].join("artifacts/SHA256SUMS");
    assert!(!sums.exists() || fs::read(sums).unwrap().is_empty());
}

#[test]
fn a_release_without_the_docker_command_is_not_begun() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.release_environment();
    environment.remove_tool("docker");
    environment
        .kubewright(&engine.release("quick-release", ""))
        .code(3)
        .says("there is no `docker` on PATH");
}

#[test]
fn a_changed_byte_of_any_artifact_is_found() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.release_environment();
    let registry = "localhost/changed";
    for line in [
        engine.release("quick-release", ""),
        images(&engine, registry, ""),
    ] {
        environment.kubewright(&line).success();
        environment.kubewright("artifacts verify").success();
        let manifest = environment.manifest();
        let folder = environment.path("home/runs").join(&manifest.run);
        for artifact in &manifest.artifacts {
            assert_eq!(
                artifact.platform.as_ref().map(ToString::to_string),
                (!artifact.name.contains("-src.")).then(host),
                "{}",
                artifact.name
            );
            let file = folder.join(&artifact.path);
            let sound = fs::read(&file).unwrap();
            let mut changed = sound.clone();
            changed[sound.len() / 2] ^= 1;
            fs::write(&file, changed).unwrap();
            let name = artifact.path.trim_start_matches("artifacts/");
            environment
                .kubewright("artifacts verify")
                .code(10)
                .says(&format!("{name} has changed"));
            fs::write(&file, sound).unwrap();
        }
        environment.kubewright("artifacts verify").success();
    }
    remove(&engine, registry);
}

#[test]
fn two_reproducible_releases_have_the_same_bytes() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let registry = "localhost/reproducible";
    let more = "--reproducible --out out";
    for line in [
        engine.release("quick-release", more),
        images(&engine, registry, more),
    ] {
        let sums: Vec<_> = (0..2)
            .map(|_| {
                let environment = engine.release_environment();
                environment.kubewright(&line).success();
                environment.kubewright("artifacts verify out").success();
                let names = environment.manifest().artifacts.len();
                let sums = fs::read_to_string(environment.path("work/out/SHA512SUMS")).unwrap();
                assert_eq!(sums.lines().count(), names);
                sums
            })
            .collect();
        assert_eq!(sums[0], sums[1], "{line}");
    }
    remove(&engine, registry);
}

#[test]
fn images_of_a_run_are_loaded_where_they_are_tested() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.release_environment();
    let registry = "localhost/loaded";
    environment
        .kubewright(&images(&engine, registry, "--reproducible"))
        .success();
    let images = names(registry);
    remove(&engine, registry);
    let run = environment.manifest().run;
    let loaded = environment
        .kubewright(&format!("load engine {run}"))
        .success();
    assert_eq!(loaded.lines(), images);
    let ids = engine.docker(&["images", "--quiet", "--no-trunc", &images[1]]);
    let manifest = environment.manifest();
    let kubectl = manifest
        .artifacts
        .iter()
        .find(|it| it.name == "kubectl.tar");
    assert_eq!(ids, [kubectl.unwrap().images[0].config.clone()]);
    remove(&engine, registry);
    environment.fake_tool("ctr", "#!/bin/sh\necho \"$@\" >> calls\n");
    environment
        .kubewright(&format!("load containerd {run}"))
        .success();
    let calls = fs::read_to_string(environment.path("work/calls")).unwrap();
    assert_eq!(calls.lines().count(), 2);
    assert!(
        calls.starts_with("--namespace k8s.io images import /"),
        "{calls}"
    );
}

#[test]
fn an_interrupt_stops_compiling_and_packing() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.release_environment();
    let compiling = environment.start(&engine.release("quick-release", "-v -- FAKE=wait"));
    compiling.wait_for("waiting");
    compiling.signal(Signal::INT);
    compiling.wait().code(130);
    environment.fake_tool(
        "tar",
        "#!/bin/bash\n[ \"$1\" = --version ] && exec echo 'tar (GNU tar) 1.34'\necho packing waits\nread -r < <(sleep 1000)\n",
    );
    let packing = environment.start(&engine.release("quick-release", "-v"));
    packing.wait_for("packing waits");
    packing.signal(Signal::INT);
    let stopped = packing.wait().code(130);
    assert_eq!(stopped.stdout, "");
    let manifest = environment.manifest();
    assert_eq!(manifest.artifacts, []);
    assert_eq!(engine.of_run(&manifest.run), Vec::<String>::new());
    assert_eq!(running_below(environment.root()), Vec::<String>::new());
    // The next one is whole.
    environment.restore_tool("tar");
    let built = environment
        .kubewright(&engine.release("quick-release", ""))
        .success();
    assert_eq!(built.lines().len(), 4, "{built}");
}

#[test]
fn a_full_disk_in_packing() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.release_environment();
    environment.fake_tool(
        "tar",
        "#!/bin/bash\n[ \"$1\" = --version ] && exec echo 'tar (GNU tar) 1.34'\necho x > /dev/full\nexit 2\n",
    );
    let full = environment
        .kubewright(&engine.release("quick-release", ""))
        .code(6);
    assert_eq!(full.stdout, "");
    assert_eq!(environment.manifest().artifacts, []);
}

/// A clone of the embedded repository whose images are built on one, as upstream's are.
fn with_base_image(environment: &TestEnvironment, image: &str) -> std::path::PathBuf {
    let tree = environment.clone_demo("based", "v0.2.0");
    let script = format!(
        "sed -i 's|KUBE_GORUNNER_IMAGE:-scratch|KUBE_GORUNNER_IMAGE:-{image}|' build/common.sh && \
         echo 'KUBE_BUILD_PULL_LATEST_IMAGES=${{KUBE_BUILD_PULL_LATEST_IMAGES:-y}}' >> build/lib/release.sh && \
         git -c user.name=x -c user.email=x commit --quiet --all --message based && git tag --force v0.2.0"
    );
    environment.bash(&tree, &script).success();
    tree
}

#[test]
fn a_base_image_that_cannot_be_had_is_said_before_anything_is_compiled() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.release_environment();
    let tree = with_base_image(&environment, "localhost:1/absent/base:v1");
    let failed = environment.kubewright(&format!(
        "build target quick-release-images --source {} --image {}",
        tree.display(),
        engine.image
    ));
    let failed = failed.code(4);
    assert!(
        failed
            .stderr
            .contains("the base image localhost:1/absent/base:v1 cannot be had")
            && failed.stderr.contains("-- KUBE_GORUNNER_IMAGE=IMAGE"),
        "{failed}"
    );
    assert!(!tree.join("_output/dockerized/bin").exists());
}

#[test]
fn a_base_image_comes_from_a_folder_of_archives() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.release_environment();
    let base = "localhost/kubewright-test-base:v1";
    let tree = with_base_image(&environment, base);
    let folder = environment.path("archives");
    fs::create_dir(&folder).unwrap();
    let archive = folder.join("base.tar");
    engine.docker(&["tag", &engine.image, base]);
    engine.docker(&["save", "--output", archive.to_str().unwrap(), base]);
    engine.docker(&["rmi", base]);
    let registry = "localhost/based";
    let line = format!(
        "build target quick-release-images --source {} --image {} --offline --base-images {} -- KUBE_DOCKER_REGISTRY={registry}",
        tree.display(),
        engine.image,
        folder.display()
    );
    environment.kubewright(&line).success();
    let plan = environment.manifest().plan.unwrap();
    let digest = plan.base_images[0].image.digest.clone().unwrap();
    assert!(digest.starts_with("sha256:"));
    let step = plan.steps.last().unwrap();
    assert_eq!(step.environment["KUBE_BUILD_PULL_LATEST_IMAGES"], "n");
    let layers = |name: &str| {
        engine.docker(&["inspect", "--format", "{{len .RootFS.Layers}}", name])[0].clone()
    };
    assert_eq!(layers(&names(registry)[0]), "2");
    remove(&engine, registry);
    engine.docker(&["rmi", base]);
}

#[test]
fn a_base_image_is_stood_in_for_where_no_registry_can_be_reached() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.release_environment();
    let tree = with_base_image(&environment, "localhost:1/build-image/go-runner:v1.0");
    let source = format!("--source {}", tree.display());
    let registry = "localhost/stood-in";
    let line = format!(
        "build target quick-release-images {source} --image {} --offline -- KUBE_DOCKER_REGISTRY={registry}",
        engine.image
    );
    environment
        .kubewright(&line)
        .code(4)
        .says("`kubewright engine image --base --source ");
    let made = environment
        .kubewright(&format!("engine image --base {source}"))
        .success()
        .says("it stands in for upstream's localhost:1/build-image/go-runner:v1.0");
    let arch = kubewright::platform::Platform::host().arch().to_owned();
    let name = format!("kubewright/go-runner-stand-in:v1.0-{arch}");
    assert_eq!(made.lines(), [name.as_str()]);
    // The runner runs what it is told to, and ends as that does.
    let said = engine.docker(&["run", "--rm", &name, "/go-runner", "/go-runner", "-h"]);
    assert_eq!(said[0], "Usage of /go-runner:");
    environment
        .kubewright(&format!("engine image --base {source}"))
        .success()
        .says("the engine has it");
    environment.kubewright(&line).success().says(&format!(
        "the image {name} is a stand-in that kubewright made, and not upstream's"
    ));
    let manifest = environment.manifest();
    let plan = manifest.plan.unwrap();
    let base = &plan.base_images[0];
    assert_eq!(
        base.image.origin,
        Some(kubewright::plan::ImageOrigin::StandIn)
    );
    assert_eq!(
        base.image.wanted.as_deref(),
        Some("localhost:1/build-image/go-runner:v1.0")
    );
    assert_eq!(
        plan.steps.last().unwrap().environment["KUBE_GORUNNER_IMAGE"],
        name
    );
    // A stand-in is of one platform.
    environment
        .kubewright(&line.replace("--offline", "--offline --platform linux/amd64,linux/arm64"))
        .code(4);
    remove(&engine, registry);
    engine.docker(&["rmi", &name]);
}
