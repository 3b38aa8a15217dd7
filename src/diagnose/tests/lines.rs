//! Lines that are a failure, in many spellings; and lines that must not be taken for one.

use super::id_of;

/// More exact texts than the table's examples: other tools, versions and spellings of the same failure.
const VARIANTS: &[(&str, &str)] = &[
    ("compiler-killed", "compile: signal: killed"),
    (
        "compiler-killed",
        "go build k8s.io/kubernetes/cmd/kubelet: /root/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.25.1.linux-amd64/pkg/tool/linux_amd64/link: signal: killed",
    ),
    (
        "compiler-killed",
        "collect2: fatal error: ld terminated with signal 9 [Killed]",
    ),
    (
        "compiler-killed",
        "/src/hack/lib/golang.sh: line 714:  4242 Killed                  go install \"${build_args[@]}\" \"$@\"",
    ),
    ("compiler-killed", "make: *** [Makefile:93: all] Killed"),
    (
        "compiler-killed",
        "make[1]: *** [Makefile:507: kubectl] Error 137",
    ),
    (
        "compiler-killed",
        "[12345.678] Memory cgroup out of memory: Killed process 4242 (compile) total-vm:1234kB",
    ),
    (
        "runtime-out-of-memory",
        "go build k8s.io/api: fork/exec /usr/local/go/pkg/tool/linux_amd64/compile: cannot allocate memory",
    ),
    (
        "runtime-out-of-memory",
        "fatal error: runtime: cannot allocate memory",
    ),
    (
        "runtime-out-of-memory",
        "build/common.sh: line 12: fork: Cannot allocate memory",
    ),
    (
        "no-space",
        "/usr/bin/ld: final link failed: No space left on device",
    ),
    (
        "no-space",
        "rsync: write failed on \"/out/kubectl\": No space left on device (28)",
    ),
    (
        "no-space",
        "write /tmp/go-build2/b002/_pkg_.a: no space left on device",
    ),
    (
        "no-space",
        "cp: error writing '_output/bin/kubectl': No space left on device",
    ),
    ("no-space", "mkdir /home/me/.cache: disk quota exceeded"),
    (
        "process-limit",
        "build/common.sh: fork: retry: Resource temporarily unavailable",
    ),
    ("rsync-missing", "find: 'rsync': No such file or directory"),
    (
        "rsync-missing",
        "!!! [1122 10:00:00] Can't find 'rsync' in PATH, please fix and retry.",
    ),
    ("tool-missing", "/bin/sh: 1: make: not found"),
    ("tool-missing", "bash: make: command not found"),
    ("tool-missing", "env: ‘bash’: No such file or directory"),
    ("tool-missing", "make: bash: No such file or directory"),
    (
        "old-bash",
        "hack/lib/golang.sh: line 60: declare: -g: invalid option",
    ),
    (
        "old-bash",
        "hack/lib/golang.sh: line 120: KUBE_SERVER_PLATFORMS[@]: unbound variable",
    ),
    (
        "old-bash",
        "hack/lib/util.sh: line 7: conditional binary operator expected",
    ),
    ("bsd-tools", "find: illegal option -- n"),
    (
        "bsd-tools",
        "!!! [1122 10:00:00] Failed to find GNU sed as sed or gsed. If you are on Mac: brew install gnu-sed.",
    ),
    (
        "bsd-tools",
        "!!! [1122 10:00:00] Failed to find GNU date as date or gdate. If you are on Mac: brew install coreutils.",
    ),
    (
        "cross-gcc-missing",
        "# runtime/cgo\ncgo: C compiler \"s390x-linux-gnu-gcc\" not found: exec: \"s390x-linux-gnu-gcc\": executable file not found in $PATH",
    ),
    (
        "cross-gcc-missing",
        "exec: \"arm-linux-gnueabihf-gcc\": executable file not found in $PATH",
    ),
    (
        "gcc-missing",
        "cgo: C compiler \"gcc\" not found: exec: \"gcc\": executable file not found in $PATH",
    ),
    (
        "gcc-missing",
        "/usr/local/go/pkg/tool/linux_amd64/link: running gcc failed: exec: \"gcc\": executable file not found in $PATH",
    ),
    ("libc-headers-missing", "/usr/bin/ld: cannot find -lpthread"),
    ("go-too-old", "Kubernetes requires go1.9.1 or greater."),
    (
        "go-directive-too-new",
        "go: module . listed in go.work file requires go >= 1.25.0, but go.work lists go 1.24; to update it:",
    ),
    (
        "go-directive-too-new",
        "go: errors parsing go.mod:\n/src/kubernetes/go.mod:9: unknown directive: toolchain",
    ),
    (
        "go-directive-too-new",
        "go: errors parsing go.mod:\n/src/kubernetes/go.mod:9: invalid go version '1.22.0': must match format 1.23",
    ),
    (
        "toolchain-not-available",
        "go: download go1.25.1: golang.org/toolchain@v0.0.1-go1.25.1.linux-amd64: Get \"https://proxy.golang.org/x\": dial tcp: lookup proxy.golang.org: no such host",
    ),
    (
        "two-go-installations",
        "found packages strconv (bytealg.go) and main (makeisprint.go) in /usr/local/go/src/strconv",
    ),
    (
        "two-go-installations",
        "go: cannot find GOROOT directory: /usr/local/go",
    ),
    (
        "go-unpacked-over-go",
        "/usr/local/go/src/runtime/map.go:65:2: bucketCntBits redeclared in this block",
    ),
    (
        "go-too-new",
        "link: golang.org/x/net/internal/socket: invalid reference to syscall.recvmsg",
    ),
    (
        "go-too-new",
        "src/vendor/golang.org/x/crypto/ssh/kex.go:19:2: use of vendored package not allowed",
    ),
    (
        "modules-in-an-old-tree",
        "can't load package: package k8s.io/kubernetes/vendor/k8s.io/code-generator/cmd/deepcopy-gen: no matching versions for query \"latest\"",
    ),
    (
        "modules-in-an-old-tree",
        "cannot find module providing package k8s.io/kubernetes: module k8s.io: reading https://goproxy.cn/k8s.io/@v/list: 404 Not Found",
    ),
    (
        "vendor-mismatch",
        "cannot find module providing package k8s.io/component-base/logs/kube-log-runner: import lookup disabled by -mod=vendor",
    ),
    (
        "proxy",
        "Get \"https://registry.k8s.io/v2/\": net/http: TLS handshake timeout",
    ),
    (
        "output-not-writable",
        "open /src/kubernetes/_output/local/go/cache/build/00/x: permission denied",
    ),
    (
        "output-not-writable",
        "mkdir: cannot create directory ‘_output/local’: Permission denied",
    ),
    (
        "scripts-not-executable",
        "make: hack/make-rules/build.sh: Permission denied",
    ),
    (
        "scripts-not-executable",
        "/src/kubernetes/hack/lib/golang.sh: line 480: /src/kubernetes/third_party/gimme/gimme: Permission denied",
    ),
    (
        "carriage-returns",
        "/usr/bin/env: ‘bash\\r’: No such file or directory",
    ),
    (
        "carriage-returns",
        "/usr/bin/env: bash\r: No such file or directory",
    ),
    (
        "carriage-returns",
        "bash: hack/x.sh: /bin/bash^M: bad interpreter: No such file or directory",
    ),
    (
        "version-missing",
        "build/lib/release.sh: line 330: KUBE_GIT_VERSION: unbound variable",
    ),
    (
        "version-missing",
        "Client Version: v0.0.0-master+$Format:%H$",
    ),
    ("clone-interrupted", "fatal: early EOF"),
    (
        "clone-interrupted",
        "fatal: the remote end hung up unexpectedly",
    ),
    (
        "objects-missing",
        "fatal: upload-pack: not our ref, aborting due to possible repository corruption on the remote side.",
    ),
    (
        "code-does-not-compile",
        "vet: pkg/kubelet/kubelet.go:12:5: undefined: x",
    ),
    (
        "code-does-not-compile",
        "Error: ./cmd/kubectl/kubectl.go:12:5: undefined: x",
    ),
    (
        "no-such-target",
        "make: *** No rule to make target `hyperkube'.  Stop.",
    ),
    ("etcd-missing", "etcd must be in your PATH"),
    (
        "engine-unreachable",
        "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    ),
    (
        "foreign-architecture",
        "standard_init_linux.go:228: exec user process caused: exec format error",
    ),
    (
        "foreign-architecture",
        "/bin/bash: line 1: /usr/bin/go: cannot execute binary file: Exec format error",
    ),
];

#[test]
fn other_spellings_are_known_too() {
    for (id, log) in VARIANTS {
        assert_eq!(id_of(log).as_deref(), Some(*id), "{log}");
    }
}

/// Lines of builds and tests that went well, or that only speak of a failure.
const DECOYS: &[&str] = &[
    "+++ [1122 10:00:00] Building go targets for linux/amd64",
    "    k8s.io/kubernetes/cmd/kubectl (static)",
    "+++ [1122 10:00:00] Multiple platforms requested and available 62G >= threshold 20G, building platforms in parallel",
    "+++ [1122 10:00:00] Multiple platforms requested, but available 1G < threshold 20G, building platforms in serial",
    "make: *** [Makefile:507: kubectl] Error 2",
    "make[1]: Entering directory '/src/kubernetes'",
    "go: downloading go1.21.7 (linux/amd64)",
    "go: downloading github.com/onsi/ginkgo v1.14.0",
    "k8s.io/kubernetes/pkg/kubelet/oom",
    "# k8s.io/kubernetes/pkg/kubelet",
    "warning: undefined variable 'WHAT'",
    // Words in the names and in the output of tests.
    "=== RUN   TestExec/signal:_killed",
    "--- PASS: TestExec/compile:_signal:_killed (0.00s)",
    "    --- FAIL: TestDisk/no_space_left_on_device (0.00s)",
    "    exec_test.go:45: got compile: signal: killed",
    "    eviction_test.go:120: write /x: no space left on device",
    "    kubelet_test.go:12:5: undefined: x",
    "        server_test.go:88: dial tcp 1.2.3.4:443: too many open files",
    "ok  \tk8s.io/kubernetes/pkg/kubelet/eviction\t0.512s",
    "FAIL\tk8s.io/kubernetes/pkg/kubelet/eviction\t0.512s",
    "PASS",
    // Programs of Kubernetes that log what they were made to meet.
    "E1122 10:00:00.000000    4242 eviction_manager.go:256] Failed to write: write /var: no space left on device",
    "W1122 10:00:00.000000    4242 container.go:88] runtime: exec: fork/exec /bin/x: cannot allocate memory",
    "I1122 10:00:00.000000    4242 kubelet.go:1] detected dubious ownership in repository at '/x'",
    // The shell's trace, and diffs of checks.
    "+ echo 'Can'\\''t find '\\''rsync'\\'' in PATH, please fix and retry.'",
    "++ find: 'rsync': No such file or directory",
    "+++ [[ -z '' ]]",
    "+    kube::log::error \"Can't find 'rsync' in PATH, please fix and retry.\"",
    "-    echo \"  !!! Cannot find GNU tar. Build on Linux or install GNU tar\"",
    // Scripts that are shown.
    "    kube::log::error \"Can't find 'rsync' in PATH, please fix and retry.\"",
    "  echo \"ERROR: docker buildx not available. Docker 19.03 or higher is required\"",
    // Near misses.
    "checking for gcc... gcc",
    "signal: killed",
    "go test: no space left on device was handled",
    "\"no space left on device\"",
    "Kubernetes v1.34.1",
    "gitVersion v1.34.1",
    "-X 'k8s.io/component-base/version.gitVersion=v1.28.7-dirty'",
    "see https://github.com/kubernetes/kubernetes/blob/master/pkg/x.go:12:5: for details",
    "panic: main.go:12",
    "goroutine 1 [running]:\n\t/usr/local/go/src/runtime/panic.go:566 +0x95",
    "pkg/kubelet/kubelet.go:214: some log",
    "make: Nothing to be done for 'all'.",
    "hack/verify-permissions.sh: all scripts may be executed; none says Permission denied",
    "rsync is not needed since 1.35",
    "Cloning into 'kubernetes'...\rremote: Enumerating objects: 10%\rremote: Enumerating objects: 100%",
];

#[test]
fn lines_that_only_speak_of_a_failure_are_none() {
    for decoy in DECOYS {
        assert_eq!(id_of(decoy), None, "{decoy}");
    }
    assert_eq!(id_of(&DECOYS.join("\n")), None);
    assert_eq!(id_of(""), None);
}
