//! Names that a tree does not have: what comes near them, and what became of those that Kubernetes
//! once had.

use crate::error::{Explain, Kind};

/// How alike two names must be for one to be suggested instead of the other, from 0 to 1.
const ALIKE: f64 = 0.8;

/// How many near names are suggested.
const MAX_NEAR: usize = 3;

/// A component or target that the tree does not have.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("this tree has no {what} `{name}`")]
pub struct UnknownName {
    /// `component` or `target`.
    pub what: &'static str,
    /// The name that was asked for.
    pub name: String,
    /// Names that the tree has and that look alike, the nearest first.
    pub near: Vec<String>,
    /// What to say about a name that is known from other versions or is of the other kind.
    pub explanation: Option<String>,
}

impl UnknownName {
    pub(super) fn new<'a>(
        what: &'static str,
        name: &str,
        known: impl Iterator<Item = &'a str>,
    ) -> UnknownName {
        UnknownName {
            what,
            name: name.to_owned(),
            near: near(name, known),
            explanation: departed(name).map(str::to_owned).or_else(|| arrived(name)),
        }
    }
}

impl Explain for UnknownName {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hints(&self) -> Vec<String> {
        let mut hints: Vec<String> = self.explanation.iter().cloned().collect();
        let near: Vec<String> = self.near.iter().map(|name| format!("`{name}`")).collect();
        if !near.is_empty() {
            hints.push(format!("did you mean {}?", near.join(" or ")));
        }
        hints.push("`kubewright targets` lists what this tree can build".to_owned());
        hints
    }
}

fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wanted = name.to_lowercase();
    let mut near: Vec<(f64, &str)> = known
        .map(|candidate| (strsim::jaro_winkler(&wanted, candidate), candidate))
        .filter(|(alike, candidate)| {
            *alike >= ALIKE || (wanted.len() > 3 && candidate.ends_with(&format!("-{wanted}")))
        })
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    near.dedup_by(|a, b| a.1 == b.1);
    near.truncate(MAX_NEAR);
    near.into_iter().map(|(_, name)| name.to_owned()).collect()
}

/// Names that came to Kubernetes late, and the minor release that they came with. As the other table, it is for messages
/// only.
const ARRIVED: &[(&[&str], u32)] = &[
    (&["kubeadm", "clicheck"], 5),
    (&["kube-aggregator", "cloud-controller-manager"], 6),
    (&["apiextensions-apiserver"], 7),
    (&["importverifier"], 8),
    (&["mounter"], 9),
    (&["go-runner", "preferredimports", "verifydependencies"], 16),
    (&["kubectl-convert"], 20),
    (&["kube-log-runner"], 23),
];

/// What became of names that some trees have and others do not. Nothing is built by this table: it
/// is for messages only.
const DEPARTED: &[(&[&str], &str)] = &[
    (
        &["hyperkube"],
        "the `hyperkube` binary left Kubernetes in 1.17, its image in 1.19: build `kube-apiserver`, `kube-controller-manager`, \
         `kube-scheduler`, `kube-proxy`, `kubelet` and `kubectl` instead",
    ),
    (
        &[
            "federation-apiserver",
            "federation-controller-manager",
            "genfeddocs",
            "kubefed",
        ],
        "the federation came to Kubernetes with 1.3 (`kubefed` with 1.5) and left it in 1.9: build it from 1.8 \
         (`--ref v1.8.0`)",
    ),
    (
        &["kube-dns"],
        "`kube-dns` came to Kubernetes with 1.3 and left it in 1.6 for a repository of its own; clusters use CoreDNS \
         instead",
    ),
    (
        &["kube-discovery", "kubernetes-discovery"],
        "discovery left Kubernetes in 1.6: `kubeadm` does without it, and `kube-aggregator` serves the APIs of others",
    ),
    (
        &[
            "km",
            "k8sm-controller-manager",
            "k8sm-executor",
            "k8sm-scheduler",
        ],
        "Kubernetes on Mesos left Kubernetes in 1.5",
    ),
    (
        &["kubernetes", "kube-version-change"],
        "this command left Kubernetes before 1.2: build the components one by one, or `all`",
    ),
    (
        &["integration", "test_integration", "test_integ"],
        "this is `test-integration` since 1.4",
    ),
    (
        &["test_e2e"],
        "this was `test-e2e` since 1.4; today tests run from `e2e.test`",
    ),
    (&["test_e2e_node"], "this is `test-e2e-node` since 1.4"),
    (
        &["test-e2e"],
        "`make test-e2e` left Kubernetes before 1.21: build `e2e.test` and `ginkgo`, and run `hack/ginkgo-e2e.sh`",
    ),
    (
        &["test-e2e-kubeadm"],
        "`make test-e2e-kubeadm` is only in trees from 1.15 to about 1.18",
    ),
    (
        &[
            "bazel-build",
            "bazel-test",
            "bazel-test-integration",
            "bazel-release",
        ],
        "the Bazel targets left Kubernetes in 1.21: `all`, `test`, `test-integration` and `release` do the same",
    ),
    (
        &["generated_files", "gen_openapi"],
        "`make generated_files` left Kubernetes in 1.29: generated code is in the tree, and `hack/update-codegen.sh` renews it",
    ),
    (
        &["verify_generated_files"],
        "`make verify_generated_files` left Kubernetes in 1.12: `make verify` includes it",
    ),
    (
        &["clean_generated", "clean_meta"],
        "this went with the generated files that were not in the tree; `make clean` is enough",
    ),
    (
        &["gke-certificates-controller"],
        "`gke-certificates-controller` is only in trees from 1.6 to 1.9",
    ),
    (
        &["mungedocs", "libs", "genslateyaml"],
        "this tool left Kubernetes in 1.8",
    ),
    (
        &["genbashcomp", "genconversion", "gendeepcopy"],
        "this generator left Kubernetes in 1.3; its successors are in `k8s.io/code-generator`",
    ),
    (
        &["linkcheck"],
        "`linkcheck` left Kubernetes between 1.24 and 1.28",
    ),
    (&["vet"], "`make vet` is part of `make lint` in newer trees"),
    (
        &[
            "etcd",
            "coredns",
            "cri-tools",
            "crictl",
            "containerd",
            "helm",
            "kind",
            "minikube",
        ],
        "this has a repository of its own and was never built from a Kubernetes tree",
    ),
];

fn arrived(name: &str) -> Option<String> {
    let (_, minor) = ARRIVED.iter().find(|(names, _)| names.contains(&name))?;
    Some(format!(
        "`{name}` came to Kubernetes with 1.{minor}: build it from there on (`--ref v1.{minor}.0`)"
    ))
}

fn departed(name: &str) -> Option<&'static str> {
    DEPARTED
        .iter()
        .find(|(names, _)| names.contains(&name))
        .map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 5] = [
        "kubectl",
        "kubectl-convert",
        "kubelet",
        "kube-apiserver",
        "all",
    ];

    fn unknown(name: &str) -> UnknownName {
        UnknownName::new("component", name, KNOWN.into_iter())
    }

    #[test]
    fn near_names_are_suggested() {
        assert_eq!(unknown("kubctl").near[0], "kubectl");
        assert_eq!(unknown("kublet").near[0], "kubelet");
        assert_eq!(unknown("Kubelet").near[0], "kubelet");
        assert_eq!(unknown("apiserver").near, ["kube-apiserver"]);
        assert!(unknown("zzz").near.is_empty());
    }

    #[test]
    fn names_of_old_times_are_explained() {
        let error = unknown("hyperkube");
        assert_eq!(error.to_string(), "this tree has no component `hyperkube`");
        assert_eq!(error.kind().exit_code(), 2);
        assert!(error.hints()[0].contains("left Kubernetes in 1.17"));
        assert!(unknown("federation-apiserver").hints()[0].contains("1.9"));
    }

    #[test]
    fn names_of_later_times_are_explained() {
        let error = unknown("kube-aggregator");
        assert_eq!(
            error.hints()[0],
            "`kube-aggregator` came to Kubernetes with 1.6: build it from there on (`--ref v1.6.0`)"
        );
        assert!(unknown("kubefed").hints()[0].contains("`kubefed` with 1.5"));
    }

    #[test]
    fn no_name_is_in_the_tables_twice() {
        let departed = DEPARTED.iter().flat_map(|(names, _)| *names);
        let arrived = ARRIVED.iter().flat_map(|(names, _)| *names);
        let mut names: Vec<_> = departed.chain(arrived).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
