//! Controllers that `scaffold controller` makes: formatted, compiled, checked, tested, and run against a real API server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, PoisonError};

use crate::harness::{ApiServer, TestEnvironment};

/// What Go has compiled is kept beside what cargo has: libraries of Kubernetes take minutes.
fn go(folder: &Path, arguments: &[&str], variables: &[(&str, &Path)]) -> Output {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("controllers");
    let mut command = Command::new("go");
    command.args(arguments).current_dir(folder);
    command
        .env("GOCACHE", cache)
        .env("GOFLAGS", "-buildvcs=false");
    command.envs(variables.iter().copied());
    command.output().unwrap()
}

#[track_caller]
fn succeeded(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{errors}");
    text
}

/// The configuration of clients of the server.
fn kubeconfig(environment: &TestEnvironment) -> PathBuf {
    let address = ApiServer::shared().address();
    environment.write(
        "kubeconfig",
        &format!(
            "apiVersion: v1\nkind: Config\nclusters: [{{name: c, cluster: {{server: \"{address}\"}}}}]\n\
             users: [{{name: u, user: {{}}}}]\ncontexts: [{{name: c, context: {{cluster: c, user: u}}}}]\n\
             current-context: c\n"
        ),
    )
}

/// Scaffolds a project, and lets Go's own tools judge it: format, vet, and its tests, with that on a real server.
fn judge(environment: &TestEnvironment, arguments: &[&str]) -> PathBuf {
    // One after the other: the second finds compiled what the first needed.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let project = environment.path("work/project");
    let out = project.to_string_lossy().into_owned();
    let all = [
        &["scaffold", "controller", "--lang", "go", "--out", &out],
        arguments,
    ]
    .concat();
    environment.run(&all).success();
    let gofmt = Command::new("gofmt")
        .args(["-l", "."])
        .current_dir(&project)
        .output()
        .unwrap();
    assert_eq!(succeeded(&gofmt), "");
    succeeded(&go(&project, &["mod", "verify"], &[]));
    succeeded(&go(&project, &["vet", "./..."], &[]));
    let kubeconfig = kubeconfig(environment);
    let variables = [
        ("KUBECONFIG", kubeconfig.as_path()),
        ("USE_EXISTING_CLUSTER", Path::new("true")),
    ];
    let told = succeeded(&go(&project, &["test", "-v", "./..."], &variables));
    assert!(told.contains("--- PASS: TestAgainstARealServer"), "{told}");
    assert!(
        told.contains("--- PASS: TestTypesAreThoseOfTheCRD"),
        "{told}"
    );
    project
}

#[test]
fn a_controller_in_go_compiles_and_passes_its_tests_on_a_real_server() {
    let environment = TestEnvironment::new();
    let project = judge(
        &environment,
        &[
            "--kind=CronTab",
            "--group=controller.example.com",
            "--field=cronSpec:string",
            "--field=replicas:int32?=1{min=1,max=10}",
            "--scale",
        ],
    );
    let count = |folder: &Path| -> usize {
        fn files(folder: &Path) -> usize {
            let entries = fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().path());
            entries
                .map(|path| if path.is_dir() { files(&path) } else { 1 })
                .sum()
        }
        files(folder)
    };
    assert!(count(&project) <= 32, "{} files", count(&project));
}

#[test]
fn what_a_developer_wrote_stays_where_all_is_made_again() {
    let environment = TestEnvironment::new();
    let scaffold = "scaffold controller --lang go";
    environment
        .kubewright(&format!(
            "{scaffold} --kind Thing --group things.example.com --field size:string --out thing"
        ))
        .success();
    let append = |path: &str, text: &str| {
        let path = environment.path("work/thing").join(path);
        let before = fs::read_to_string(&path).unwrap();
        fs::write(&path, before + text).unwrap();
    };
    append("api.toml", "# mine\ncolour = \"string?\"\n");
    append("internal/controller/children.go", "// mine\n");
    let output = environment
        .kubewright(&format!(
            "{scaffold} --spec thing/api.toml --out thing --force"
        ))
        .success();
    assert!(
        output
            .stderr
            .contains("left as it is: internal/controller/children.go;"),
        "{}",
        output.stderr
    );
    let read = |path: &str| fs::read_to_string(environment.path("work/thing").join(path)).unwrap();
    assert!(read("api.toml").ends_with("# mine\ncolour = \"string?\"\n"));
    assert!(read("internal/controller/children.go").ends_with("// mine\n"));
    assert!(read("api/v1/types.go").contains("Colour *string `json:\"colour,omitempty\"`"));
}

/// Every type of the field language, objects beside namespaces, and names that Go writes otherwise.
#[test]
fn a_controller_in_go_reads_every_type() {
    judge(
        &TestEnvironment::new(),
        &[
            "--kind=everything",
            "--group=controller.example.com",
            "--version=my-alpha!,other",
            "--plural=everything",
            "--cluster",
            "--field=text:string",
            "--field=int:int?",
            "--field=int32:int32?",
            "--field=int64:int64",
            "--field=float:float?",
            "--field=bool:bool?",
            "--field=amount:quantity",
            "--field=amounts:[]quantity?",
            "--field=limits:map[string]quantity?",
            "--field=wait:duration?",
            "--field=moment:date-time?",
            "--field=port:int-or-string?",
            "--field=mode:enum(fast|slow)?=fast{doc=Which way}",
            "--field=list:[]string",
            "--field=lists:map[string][]string?",
            "--field=parts:[]object(name:string, size:int32?)?",
            "--field=nested.deeper.still:bool?",
            "--field=open:object?",
            "--field=opens:map[string]object?",
            "--field=anything:any?",
            "--field=template:podTemplate?",
            "--field=maybe:string?{nullable}",
            "--field=must:string{nullable}",
            "--field=base-url:string?",
            "--field=base_url:string?",
            "--status-field=replicas:int32?",
            "--status-field=names:[]string?",
        ],
    );
}
