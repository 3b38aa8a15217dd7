//! How long `scaffold crd` and `crd lint` take from their starts to their ends.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use super::Failure;

/// kubewright, as people install it.
const PROGRAM: &str = env!("CARGO_BIN_EXE_kubewright");

/// How long a definition is that is linted alone, at the least.
const LINES: usize = 5_000;

/// How many definitions are linted at once.
const FILES: usize = 1_000;

/// What is scaffolded: its name, what stands before the fields, and the fields.
const SCAFFOLDS: [(&str, &[&str], &[&str]); 3] = [
    (
        "the CronTab of the book",
        &[
            "CronTab",
            "--group",
            "stable.example.com",
            "--short",
            "ct",
            "--scale",
        ],
        &[
            r"cronSpec:string{pattern=^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$}",
            "replicas:int32?=1{min=1,max=10}",
            "image:string",
        ],
    ),
    (
        "the Backup of README",
        &["Backup", "--group", "backups.example.com"],
        &[
            "schedule:string{minLength=1,doc=When it runs}",
            "keep:int32?=7{min=1,max=365}",
            "size:quantity?",
            "mode:enum(Full|Incremental)=Full",
        ],
    ),
    (
        "two versions with a Pod template and rules",
        &[
            "Job",
            "--group",
            "jobs.example.com",
            "--version",
            "v1alpha1,v1!",
        ],
        &[
            "template:podTemplate",
            "parallelism:int32?=1{min=1,max=100,cel=self != 13}",
            "name:string{maxLength=63,pattern=^[a-z]+$,example=job,cel=\"self.startsWith('job')\"}",
            "size:quantity?",
        ],
    ),
];

/// Scaffolds into new folders, then lints a long definition, without and with rules, then many; prints the median and the longest
/// of each.
pub(crate) fn measure(runs: usize) -> Result<(), Failure> {
    let room = tempfile::tempdir()?;
    let runs = runs.max(1);
    for (index, (name, names, fields)) in SCAFFOLDS.iter().enumerate() {
        let times = timed(runs, |run| {
            scaffold(names, fields, &room.path().join(format!("{index}-{run}")))
        })?;
        tell(&format!("`scaffold crd`: {name}"), &times);
    }
    for rules in [false, true] {
        let long = room.path().join("long.yaml");
        let text = definition("longs", LINES, rules);
        fs::write(&long, &text)?;
        let times = timed(runs, |_| lint(&long))?;
        let (lines, rules) = (text.lines().count(), text.matches("- rule:").count());
        tell(
            &format!("`crd lint` of a definition of {lines} lines with {rules} CEL rules"),
            &times,
        );
    }
    let folder = room.path().join("many");
    fs::create_dir(&folder)?;
    let crontab = room.path().join("0-0/crd/crontabs.stable.example.com.yaml");
    let crontab = fs::read_to_string(crontab)?;
    for number in 0..FILES {
        // Of a group each: within one, all would take the same names.
        let text = crontab.replace("stable.example.com", &format!("stable{number}.example.com"));
        fs::write(folder.join(format!("{number}.yaml")), text)?;
    }
    let times = timed(runs.min(10), |_| lint(&folder))?;
    tell(&format!("`crd lint` of {FILES} definitions"), &times);
    Ok(())
}

fn scaffold(names: &[&str], fields: &[&str], folder: &Path) -> Result<Output, Failure> {
    let mut command = Command::new(PROGRAM);
    command.args(["scaffold", "crd", "--kind"]).args(names);
    for field in fields {
        command.args(["--field", field]);
    }
    Ok(command.arg("--out").arg(folder).output()?)
}

fn lint(path: &Path) -> Result<Output, Failure> {
    Ok(Command::new(PROGRAM)
        .args(["crd", "lint"])
        .arg(path)
        .output()?)
}

/// A definition of that many lines, as generators write them: documented fields of all kinds in objects within objects; with
/// rules for each object, where that is asked.
fn definition(plural: &str, lines: usize, rules: bool) -> String {
    let mut text = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: {plural}.example.com\n\
         spec:\n  group: example.com\n  scope: Namespaced\n  names:\n    plural: {plural}\n    kind: Long\n  versions:\n  \
         - name: v1\n    served: true\n    storage: true\n    subresources:\n      status: {{}}\n    schema:\n      \
         openAPIV3Schema:\n        type: object\n        properties:\n          spec:\n            type: object\n            \
         properties:\n"
    );
    let mut written = text.lines().count();
    let mut number = 0;
    while written < lines {
        let object = object(number, rules);
        written += object.lines().count();
        text.push_str(&object);
        number += 1;
    }
    text
}

fn object(number: usize, rules: bool) -> String {
    let mut text = String::new();
    let pad = " ".repeat(14);
    let fields = [
        "type: string\nmaxLength: 63\npattern: ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        "type: integer\nformat: int32\nminimum: 0\ndefault: 1",
        "type: string\nenum:\n- Always\n- Never\n- IfNotPresent",
        "type: array\nmaxItems: 16\nitems:\n  type: object\n  required:\n  - name\n  properties:\n    name:\n      type: string\n      maxLength: 63\n    \
         value:\n      type: string\nx-kubernetes-list-type: map\nx-kubernetes-list-map-keys:\n- name",
        "anyOf:\n- type: integer\n- type: string\nx-kubernetes-int-or-string: true",
        "type: object\nmaxProperties: 64\nadditionalProperties:\n  type: string",
    ];
    let _ = writeln!(text, "{pad}part{number}:\n{pad}  type: object");
    if rules {
        let _ = writeln!(text, "{pad}  x-kubernetes-validations:");
        for rule in [
            format!("!has(self.field1) || self.field1 != {number}"),
            format!(
                "has(self.field0) ? self.field0.startsWith('a') || self.field1 >= {number} : true"
            ),
            format!("!has(self.field2) || self.field2 in ['Always', 'Never', 'part{number}']"),
            format!("!has(self.field3) || self.field3.all(one, one.name != 'part{number}')"),
            format!(
                "!has(self.field4) || string(self.field4) != '{number}' && size(self.field5) < 64"
            ),
        ] {
            let _ = writeln!(
                text,
                "{pad}  - rule: \"{rule}\"\n{pad}    message: part {number} is not as it should be"
            );
        }
    }
    let _ = writeln!(text, "{pad}  properties:");
    for (index, field) in fields.iter().enumerate() {
        let _ = writeln!(
            text,
            "{pad}    field{index}:\n{pad}      description: |-\n{pad}        What field {index} of part {number} is for,\n\
             {pad}        in some words, as they stand in documentation."
        );
        for line in field.lines() {
            let _ = writeln!(text, "{pad}      {line}");
        }
    }
    text
}

fn timed(
    runs: usize,
    mut run: impl FnMut(usize) -> Result<Output, Failure>,
) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::new();
    for number in 0..runs {
        let started = Instant::now();
        let output = run(number)?;
        times.push(started.elapsed());
        if !output.status.success() {
            let said = [output.stdout, output.stderr].concat();
            return Err(String::from_utf8_lossy(&said).into());
        }
    }
    times.sort();
    Ok(times)
}

fn tell(what: &str, times: &[Duration]) {
    let milliseconds = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!(
        "{what}, {} runs: median {:.1} ms, longest {:.1} ms",
        times.len(),
        milliseconds(times.get(times.len() / 2)),
        milliseconds(times.last())
    );
}
