//! The field type `podTemplate`: a real API server keeps what is a Pod's, and refuses what is not.

use serde_json::{Value, json};

use crate::harness::{ApiServer, TestEnvironment, wait_until};

const RESOURCES: &str = "/apis/templates.example.com/v1/namespaces/default/jobs";

fn template() -> Value {
    json!({
        "metadata": {"labels": {"app": "a"}, "annotations": {"b": "c"}},
        "spec": {
            "serviceAccountName": "robot",
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 30,
            "nodeSelector": {"kubernetes.io/os": "linux"},
            "securityContext": {"runAsNonRoot": true, "fsGroup": 1000, "sysctls": [{"name": "a", "value": "1"}]},
            "imagePullSecrets": [{"name": "registry"}],
            "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["a.example.com"]}],
            "tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule", "tolerationSeconds": 60}],
            "topologySpreadConstraints": [{
                "maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": {"matchExpressions": [{"key": "app", "operator": "In", "values": ["a"]}]},
            }],
            "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}],
            }}},
            "initContainers": [{"name": "first", "image": "busybox", "restartPolicy": "Always"}],
            "containers": [{
                "name": "main",
                "image": "registry.k8s.io/pause:3.10",
                "command": ["sh", "-c"],
                "args": ["true"],
                "env": [
                    {"name": "A", "value": "1"},
                    {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": true}}},
                    {"name": "C", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1m"}}},
                ],
                "ports": [
                    {"containerPort": 80, "name": "http", "protocol": "TCP"},
                    {"containerPort": 80, "protocol": "UDP"},
                ],
                "resources": {"limits": {"cpu": 2, "memory": "1Gi"}, "requests": {"cpu": "500m"}},
                "livenessProbe": {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 5},
                "readinessProbe": {"tcpSocket": {"port": 80}},
                "lifecycle": {"preStop": {"exec": {"command": ["sleep", "5"]}}},
                "securityContext": {"capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}},
                "volumeMounts": [{"name": "data", "mountPath": "/data", "readOnly": true}],
            }],
            "volumes": [
                {"name": "data", "persistentVolumeClaim": {"claimName": "data"}},
                {"name": "tmp", "emptyDir": {"sizeLimit": "1Gi", "medium": "Memory"}},
                {"name": "all", "projected": {"sources": [{"configMap": {"name": "c", "items": [{"key": "k", "path": "p"}]}}]}},
                {"name": "own", "ephemeral": {"volumeClaimTemplate": {
                    "metadata": {"labels": {"a": "b"}},
                    "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
                }}},
            ],
        },
    })
}

fn resource(name: &str, template: &Value) -> String {
    let metadata = json!({ "name": name });
    let spec = json!({ "template": template });
    json!({ "apiVersion": "templates.example.com/v1", "kind": "Job", "metadata": metadata, "spec": spec }).to_string()
}

#[test]
fn all_fields_of_a_pod_are_kept_and_typed() {
    let environment = TestEnvironment::new();
    let server = ApiServer::shared();
    environment
        .kubewright("scaffold crd --kind Job --group templates.example.com --version v1 --field template:podTemplate --out job")
        .success();
    let folder = environment.path("work/job");
    // As users apply it: the whole definition goes into an annotation, which has a limit.
    server.kubectl(&folder, &["apply", "-f", "crd"]).success();
    wait_until("the resource is served", || {
        server.get(RESOURCES).code == 200
    });
    let strict = format!("{RESOURCES}?fieldValidation=Strict");
    let created = server.create(&strict, &resource("whole", &template()));
    assert_eq!(created.accepted().body["spec"]["template"], template());

    for (place, value, says) in [
        (
            "/spec/containers/0/ports/0/containerPort",
            json!("http"),
            "must be of type integer",
        ),
        (
            "/spec/containers/0/resources/limits/cpu",
            json!("two"),
            "should match",
        ),
        (
            "/spec/tolerations/0/tolerationSeconds",
            json!("x"),
            "must be of type integer",
        ),
        (
            "/spec/containers/0/env/1/valueFrom/secretKeyRef",
            json!({"name": "s"}),
            "Required value",
        ),
        ("/spec/containers", json!([]), "at least 1 items"),
        (
            "/spec/volumes/1/emptyDir",
            json!({"sizeLimt": "1Gi"}),
            "unknown field",
        ),
        ("/metadata/labels/app", json!(1), "must be of type string"),
    ] {
        let mut wrong = template();
        *wrong.pointer_mut(place).unwrap() = value;
        let wrong = resource("wrong", &wrong);
        let answer = server.create(&strict, &wrong);
        assert!(answer.code >= 400, "{place}: {:#}", answer.body);
        assert!(
            answer.body["message"].as_str().unwrap().contains(says),
            "{place}: {:#}",
            answer.body
        );
    }
}
