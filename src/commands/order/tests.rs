use std::fmt::Write as _;

use super::*;
use crate::plan::{
    BaseImage, Equipment, ImageIdentity, Plan, SourceIdentity, ToolchainIdentity, plan,
};
use crate::source::{Stamp, TreeState};
use crate::tree::{self, DiskFiles};

/// The plans are those of this host, wherever the tests run.
fn host() -> Platform {
    "linux/amd64".parse().unwrap()
}

fn source() -> SourceIdentity {
    SourceIdentity {
        repository: "https://example.org/kubernetes".to_owned(),
        reference: "v1.2.3".to_owned(),
        in_place: false,
        commit: Some("c".repeat(40)),
        tree: Some("t".repeat(40)),
        committed_at: Some(1_700_000_000),
        changes: Vec::new(),
        stamp: Stamp {
            commit: Some("c".repeat(40)),
            tree_state: Some(TreeState::Clean),
            version: Some("v1.2.3".to_owned()),
            major: Some("1".to_owned()),
            minor: Some("2".to_owned()),
            described: Some("v1.2.3".to_owned()),
            unversioned: None,
        },
    }
}

fn fixture(version: &str) -> TreeFacts {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/trees");
    tree::read(&DiskFiles::new(root.join(version))).unwrap()
}

fn planned(recipe: &str, facts: &TreeFacts) -> Result<Plan, Error> {
    let order = Order::named(recipe, &BuildOptions::default())?;
    let version = facts.go.version.clone().unwrap_or_else(|| "1.0".to_owned());
    let equipment = Equipment {
        toolchain: ToolchainIdentity {
            version,
            wanted: facts.go.version.clone(),
        },
        image: None,
        base_images: Vec::new(),
    };
    Ok(plan(
        &order.request(facts, &host()),
        &source(),
        facts,
        &equipment,
    )?)
}

/// What a plan does, a line a step: enough to see that each tree's own names, places and tools are used.
fn summary(outcome: Result<Plan, Error>) -> String {
    let plan = match outcome {
        Ok(plan) => plan,
        Err(error) => return format!("  error: {error}\n"),
    };
    let mut text = String::new();
    for step in &plan.steps {
        let tools: Vec<_> = step
            .tools
            .iter()
            .map(|need| need.tool.to_string())
            .collect();
        let _ = writeln!(text, "  {} | {}", step.argv.join(" "), tools.join(" "));
        if let (Some(first), Some(last)) = (step.artifacts.first(), step.artifacts.last()) {
            let count = step.artifacts.len();
            let _ = writeln!(text, "    {count}: {} … {}", first.path, last.path);
        }
        for folder in &step.collects {
            let _ = writeln!(text, "    all of {folder}");
        }
    }
    text
}

/// Every built-in recipe is planned on trees of every shape; what a tree cannot do is an error that says so.
#[test]
fn every_recipe_is_planned_on_every_tree() {
    for version in ["1.7", "1.15", "1.20", "1.23", "1.28", "1.31", "1.35"] {
        let facts = fixture(version);
        let mut text = String::new();
        for builtin in recipe::builtin() {
            let outcome = planned(builtin.name, &facts);
            let _ = writeln!(text, "{}\n{}", builtin.name, summary(outcome).trim_end());
        }
        insta::assert_snapshot!(format!("recipes_on_{version}"), text);
    }
}

/// A plan of a target in an image that has the Go of the tree.
fn in_image(target: &str, variables: &[(&str, &str)], facts: &TreeFacts) -> Plan {
    let mut order = Order::of(Goal::Target(target.to_owned()));
    let pairs = variables.iter();
    order.variables = pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let image = |reference: &str| ImageIdentity {
        reference: reference.to_owned(),
        digest: None,
        origin: None,
        wanted: None,
        named: false,
    };
    let equipment = Equipment {
        image: Some(image("kube-cross")),
        base_images: vec![BaseImage {
            variable: "KUBE_GORUNNER_IMAGE".to_owned(),
            image: image("mirror/go-runner:v1"),
        }],
        ..Equipment::default()
    };
    plan(&order.request(facts, &host()), &source(), facts, &equipment).unwrap()
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

#[test]
fn a_release_is_taken_apart_where_its_scripts_can_be() {
    let facts = fixture("1.28");
    let base_images = &facts.release.as_ref().unwrap().base_images;
    let named: Vec<_> = base_images.keys().map(String::as_str).collect();
    assert_eq!(named, ["KUBE_GORUNNER_IMAGE", "KUBE_PROXY_BASE_IMAGE"]);
    let quick = in_image("quick-release", &[], &facts);
    assert_eq!(ids(&quick), ["make-cross", "package"]);
    assert_eq!(quick.request.platforms, [host()]);
    let [compiling, packing] = &quick.steps[..] else {
        panic!("{:?}", quick.steps);
    };
    assert_eq!(
        compiling.argv,
        ["make", "cross", "KUBE_BUILD_PLATFORMS=linux/amd64"]
    );
    assert_eq!(compiling.hands_on, ["_output/dockerized/bin"]);
    assert_eq!(compiling.collects, Vec::<String>::new());
    let says = |name: &str| packing.environment.get(name).map(String::as_str);
    assert_eq!(says("KUBE_BUILD_PULL_LATEST_IMAGES"), Some("n"));
    assert_eq!(says("KUBE_GORUNNER_IMAGE"), Some("mirror/go-runner:v1"));
    assert_eq!(says("KUBE_BUILD_CONFORMANCE"), None);
    let all = in_image("quick-release", &[("KUBE_FASTBUILD", "false")], &facts);
    assert_eq!(all.request.platforms, []);
    let release = in_image("release", &[], &facts);
    assert_eq!(
        ids(&release),
        [
            "make-cross",
            "make-test",
            "make-test-integration",
            "package"
        ]
    );
    assert_eq!(release.steps[3].needs, ids(&release)[..3]);
    assert_eq!(release.steps[3].environment["KUBE_BUILD_CONFORMANCE"], "y");
    let old = in_image("quick-release", &[], &fixture("1.7"));
    assert_eq!(ids(&old), ["make-quick-release"]);
}

#[test]
fn images_are_made_of_the_commands_that_go_into_them() {
    let facts = fixture("1.35");
    let extra = [
        ("KUBE_EXTRA_WHAT", "cmd/kubeadm"),
        ("KUBE_BUILD_CONFORMANCE", "y"),
    ];
    let plan = in_image("release-images", &extra, &facts);
    assert_eq!(ids(&plan), ["make-commands-of-images", "images"]);
    let compiles = &plan.steps[0].compiles;
    for name in ["kube-apiserver", "kubectl", "kubeadm"] {
        assert!(compiles.iter().any(|it| it == name), "{compiles:?}");
    }
    let platforms = plan.steps[0].argv.iter();
    let platforms = platforms.filter(|word| word.starts_with("KUBE_BUILD_PLATFORMS="));
    let named: Vec<_> = platforms.collect();
    assert!(
        named[0].contains("linux/s390x") && !named[0].contains("darwin"),
        "{named:?}"
    );
}

#[test]
fn all_platforms_are_those_of_every_component() {
    let facts = fixture("1.35");
    let platforms = |names: &[&str]| {
        let names = names.iter().map(ToString::to_string).collect();
        let mut order = Order::of(Goal::Components(names));
        order.platforms = vec![PlatformChoice::Set(PlatformSet::All)];
        order.request(&facts, &host()).platforms
    };
    let client = &facts.platforms.client;
    let kubectl = platforms(&["kubectl"]);
    assert_eq!(kubectl.len(), client.len());
    assert!(kubectl.iter().all(|platform| client.contains(platform)));
    let both = platforms(&["kubectl", "kube-apiserver"]);
    assert_eq!(both, facts.platforms.server);
}

#[test]
fn archives_are_packed_anew_behind_a_release() {
    let facts = fixture("1.35");
    let mut order = Order::of(Goal::Target("quick-release".to_owned()));
    order.reproducible = true;
    let request = order.request(&facts, &host());
    let equipment = Equipment {
        image: in_image("quick-release", &[], &facts).image,
        ..Equipment::default()
    };
    let planned = |source: &SourceIdentity| plan(&request, source, &facts, &equipment);
    let made = planned(&source()).unwrap();
    assert_eq!(ids(&made), ["make-cross", "package", "repack"]);
    let (packing, last) = (&made.steps[1], &made.steps[2]);
    assert_eq!(packing.collects, Vec::<String>::new());
    assert_eq!(last.collects, packing.hands_on);
    assert_eq!(
        last.argv[..5],
        [
            "{kubewright}",
            "artifacts",
            "repack",
            "--time",
            "1700000000"
        ]
    );
    let timeless = SourceIdentity {
        committed_at: None,
        ..source()
    };
    assert!(matches!(planned(&timeless), Err(PlanError::NoTime)));
}

#[test]
fn kubectl_of_all_is_kubectl_alone() {
    let facts = fixture("1.35");
    let key = |plan: &Plan| {
        let mut artifacts = plan.steps.iter().flat_map(|step| &step.artifacts);
        let found =
            artifacts.find(|artifact| artifact.name == "kubectl" && artifact.platform == host());
        found.and_then(|artifact| artifact.key.clone()).unwrap()
    };
    let all = planned("everything", &facts).unwrap();
    let alone = planned("kubectl", &facts).unwrap();
    assert_eq!(key(&all), key(&alone));
    let debug = planned("debug", &facts).unwrap();
    assert_ne!(key(&debug), key(&alone));
}

#[test]
fn what_no_commit_names_has_no_key() {
    let facts = fixture("1.35");
    let order = Order::named("kubectl", &BuildOptions::default()).unwrap();
    let equipment = Equipment {
        toolchain: ToolchainIdentity {
            version: "1.25.1".to_owned(),
            wanted: None,
        },
        image: None,
        base_images: Vec::new(),
    };
    let changed = SourceIdentity {
        changes: vec![" M cmd/kubectl/kubectl.go".to_owned()],
        ..source()
    };
    let plan = plan(
        &order.request(&facts, &host()),
        &changed,
        &facts,
        &equipment,
    )
    .unwrap();
    assert!(
        plan.steps
            .iter()
            .flat_map(|step| &step.artifacts)
            .all(|artifact| artifact.key.is_none())
    );
}
