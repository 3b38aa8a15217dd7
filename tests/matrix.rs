//! Several platforms in one build: each is a cell of its own.

use crate::harness::{CommandOutput, TestEnvironment, host_platform, real_tool};

/// A platform that this machine is not.
fn other() -> &'static str {
    if host_platform() == "linux/s390x" {
        "linux/arm64"
    } else {
        "linux/s390x"
    }
}

/// An environment in which make fails for the other platform.
fn environment() -> TestEnvironment {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let script = format!(
        "#!/bin/bash\ncase \"$*\" in *KUBE_BUILD_PLATFORMS={}*) echo it does not compile; exit 2;; esac\nexec {} \"$@\"\n",
        other(),
        real_tool("make").display()
    );
    environment.fake_tool("make", &script);
    environment
}

fn build(environment: &TestEnvironment, platforms: &str, more: &str) -> CommandOutput {
    environment.kubewright(&format!(
        "build component kubectl --repo demo --platform {platforms} {more}"
    ))
}

#[test]
fn a_cell_that_fails_does_not_stop_the_others() {
    let environment = environment();
    let both = format!("{},{}", other(), host_platform());
    let failed = build(&environment, &both, "").code(1);
    assert!(
        failed.stderr.contains(&format!(
            "kubectl {} did not build; the other steps go on",
            other()
        )),
        "{failed}"
    );
    assert_eq!(failed.lines().len(), 1, "{failed}");
    let built = environment.manifest();
    assert_eq!(built.artifacts.len(), 1);
    environment
        .kubewright(&format!("artifacts verify {}", built.run))
        .success();
    // What was built is not built again where the run is gone on with.
    let resumed = build(&environment, &both, &format!("--resume {}", built.run)).code(1);
    assert!(
        resumed.stderr.contains("Fresh  kubectl") && resumed.stderr.contains(&built.run),
        "{resumed}"
    );
    let alone = build(&environment, &both, "--fail-fast").code(1);
    assert_eq!(alone.stdout, "");
    build(&environment, &both, "--resume nothing").code(2);
}
