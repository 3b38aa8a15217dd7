//! Containers that run out of memory.

use insta::assert_snapshot;

use crate::harness::TestEngine;

#[test]
fn too_little_is_refused_before_anything_starts() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let run = environment.kubewright(
        "build component kubectl --repo demo --executor docker --image registry.invalid/absent --memory 30MiB",
    );
    // Not exit code 4: the image is not even looked for in a registry.
    assert_snapshot!(run, @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
    error: the build was not started: the build needs at least [MEMORY] of memory, and `--memory` allows [MEMORY]

    hint: Give it a larger `--memory`. `--force` builds anyway.
    [exit code 3]
    ");
}

#[test]
fn a_killed_compiler_is_diagnosed_with_what_is_enough() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    let run = environment
        .kubewright(&engine.build("--memory 64MiB --force --no-retry-on-oom -- FAKE=oom"));
    assert_snapshot!(run, @r"
    ------- stderr -------
       Source  v0.2.0 (2fe3467) ready in [TIME]
    Preflight  [HOST]
        Image  kubewright/test-make:[TAG] (sha256:[DIGEST]) · go1.[N] · [ENGINE]
         Note  the image kubewright/test-make:[TAG] is a stand-in that kubewright made, and not upstream's
     Building  kubectl [PLATFORM]
    error: kubectl [PLATFORM] did not build: the compiler was killed because the container ran out of memory
      caused by: step `make kubectl FAKE=oom` exited with 2; [KILLED]; memory limit [MEMORY]
      log: [ROOT]/home/runs/[RUN]/make-kubectl.log, line 2: k8s.io/kubernetes/pkg/apis/core/v1: /usr/local/go/pkg/tool/linux_amd64/compile: signal: killed

    hint: It builds in [MEMORY] on one job: `kubewright build component kubectl --repo demo --ref v0.2.0 --platform [PLATFORM] --executor docker --image kubewright/test-make:[TAG] --go host --jobs 1 --memory [MEMORY] -- FAKE=oom`
    [exit code 5]
    ");
    let attempts = &environment.manifest().steps[0].attempts;
    assert_eq!(attempts.len(), 1);
}

#[test]
fn a_step_goes_on_with_fewer_jobs() {
    let Some(engine) = TestEngine::find() else {
        return;
    };
    let environment = engine.environment();
    // Enough for what a linker maps, too, lest a disk that reads far ahead be the reason to refuse.
    let line = engine.build("--memory 2GiB --jobs 4 -- FAKE=oom JOBS_THAT_FIT=1");
    let run = environment.kubewright(&line).success();
    assert!(
        run.stderr
            .contains("ran out of memory and goes on with one job; what was compiled is kept"),
        "{run}"
    );
    let manifest = environment.manifest();
    let attempts = &manifest.steps[0].attempts;
    let jobs: Vec<u32> = attempts.iter().map(|it| it.attempt.jobs).collect();
    assert_eq!(jobs.last(), Some(&1), "{jobs:?}");
    assert!(jobs.len() > 1, "{jobs:?}");
    let folder = environment.path(&format!("home/runs/{}", manifest.run));
    assert!(folder.join("make-kubectl.attempt-1.log").exists());
    assert!(folder.join("make-kubectl.log").exists());
}
