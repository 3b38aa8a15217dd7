//! What is written for programs is as the published schemas say.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::harness::TestEnvironment;

pub(crate) struct Schema(jsonschema::Validator);

impl Schema {
    pub(crate) fn published(name: &str) -> Schema {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas");
        let text = fs::read(folder.join(format!("{name}.schema.json"))).unwrap();
        Schema(jsonschema::validator_for(&serde_json::from_slice(&text).unwrap()).unwrap())
    }

    #[track_caller]
    pub(crate) fn check(&self, document: &Value) {
        let errors: Vec<String> = self
            .0
            .iter_errors(document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
    }
}

#[test]
fn a_run_that_succeeds_and_one_that_fails() {
    let environment = TestEnvironment::warm(&["v0.2.0"]);
    let line = "build component kubectl --repo demo --message-format json";
    let runs = [
        environment.kubewright(line).success(),
        environment.kubewright(line).success(),
        environment
            .kubewright(&format!("{line} -- GOFLAGS=-tags=broken"))
            .code(1),
        environment
            .kubewright(&format!("{line} --dry-run"))
            .success(),
    ];
    let (event, plan, manifest) = (
        Schema::published("event"),
        Schema::published("plan"),
        Schema::published("manifest"),
    );
    let mut plans = 0;
    for line in runs.iter().flat_map(|run| run.lines()) {
        let envelope: Value = serde_json::from_str(line).unwrap();
        event.check(&envelope);
        if envelope["event"]["kind"] == "planned" {
            plans += 1;
            plan.check(&envelope["event"]["plan"]);
        }
    }
    assert_eq!(plans, 4);
    for run in environment.runs() {
        let text = fs::read(run.join("manifest.json")).unwrap();
        manifest.check(&serde_json::from_slice(&text).unwrap());
    }
}

#[test]
fn a_schema_refuses_what_is_not_of_its_form() {
    let event = Schema::published("event");
    let wrong = serde_json::json!({ "schema": 1, "time": "now", "run": "", "event": { "kind": "made_up" } });
    assert!(!event.0.is_valid(&wrong));
    assert!(
        !Schema::published("manifest")
            .0
            .is_valid(&serde_json::json!({}))
    );
}
