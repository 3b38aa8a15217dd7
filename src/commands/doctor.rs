//! `kubewright doctor`

use super::order::Order;
use super::source_place::search_path;
use super::{Call, Ended, build, setup};
use crate::cli::{BuildOptions, DoctorArgs, Format};
use crate::error::{Error, Explain, Kind};
use crate::host::{
    Check, DiskClaim, Doctor, HostFacts, Model, Need, Preflight, ProbeRequest, Status, Tool,
};
use crate::plural::{form, listed};
use crate::report::{Output, Style};
use crate::settings::Layer;

/// What was asked about cannot be done here.
#[derive(Debug, thiserror::Error)]
#[error("{} {} not as {needs} {}", listed(.failed), form(.failed.len(), "is", "are"), form(.failed.len(), "it", "them"))]
struct Unfit {
    failed: Vec<String>,
    /// Who needs it: `a build needs`.
    needs: String,
    hints: Vec<String>,
}

impl Explain for Unfit {
    fn kind(&self) -> Kind {
        Kind::Preflight
    }

    fn hints(&self) -> Vec<String> {
        self.hints.clone()
    }
}

pub(super) fn run(arguments: &DoctorArgs, call: &Call) -> Result<(), Ended> {
    let mut doctor = examine(arguments, call)?;
    if setup::mend(
        &doctor.missing_tools(),
        arguments.setup,
        &call.settings(Layer::none())?,
        call,
    )? {
        doctor = examine(arguments, call)?;
    }
    match arguments.format {
        Format::Json => Output.json(&serde_json::json!({ "schema": 1, "doctor": doctor })),
        Format::Table => Output.data(&text(&doctor)),
    }
    let needs = match arguments.purpose.as_deref() {
        None => "a build needs".to_owned(),
        Some("tests") => "the tests need".to_owned(),
        Some(name) => format!("{name} needs"),
    };
    verdict(&doctor, needs)
}

fn examine(arguments: &DoctorArgs, call: &Call) -> Result<Doctor, Error> {
    match arguments.purpose.as_deref() {
        None => general(arguments, call, &Doctor::general_needs()),
        Some("tests") => general(arguments, call, &test_needs()),
        Some(name) => {
            let options = BuildOptions {
                source: arguments.source.clone(),
                ..BuildOptions::default()
            };
            let survey = build::checks(Order::named(name, &options)?, &options, call)?;
            Ok(Doctor {
                facts: survey.host,
                checks: survey.preflight.checks,
                remarks: vec![survey.choice],
            })
        }
    }
}

fn general(arguments: &DoctorArgs, call: &Call, needs: &[Need]) -> Result<Doctor, Error> {
    let settings = call.settings(arguments.source.layer())?;
    let path = search_path(&call.environment);
    let tools: Vec<Tool> = needs.iter().map(|need| need.tool).collect();
    let folders = [settings.home.clone()];
    let request = ProbeRequest {
        folders: &folders,
        tools: &tools,
        engine: tools.contains(&Tool::Docker),
        ..ProbeRequest::new(&path)
    };
    let claims = [DiskClaim {
        folder: settings.home,
        what: "mirrors, checkouts and one component of a real tree".to_owned(),
        need: crate::bytes::Bytes::gib(4),
    }];
    Ok(Doctor::examine(
        HostFacts::probe(&request),
        &Model::embedded()?,
        needs,
        &claims,
    ))
}

/// What kubewright's own tests call; `cargo xtask test` sets it up by way of this.
fn test_needs() -> Vec<Need> {
    let mut needs = Need::native_build();
    let by = "the tests";
    needs.extend([
        Need::required(
            Tool::Git,
            by,
            "git is asked whether kubewright reads repositories as it does",
        ),
        Need::required(
            Tool::Rsync,
            by,
            "older tags of the embedded repository place binaries by rsync",
        ),
        Need::required(
            Tool::Cc,
            by,
            "kubelet of the embedded repository is built with cgo",
        ),
        Need::required(Tool::Go, by, "the embedded repository is built for real"),
    ]);
    needs
}

fn text(doctor: &Doctor) -> String {
    let style = Style::of_stdout();
    let mut lines: Vec<String> = doctor
        .checks
        .iter()
        .map(|check| line(check, style))
        .collect();
    if !doctor.remarks.is_empty() {
        lines.push(String::new());
        lines.extend(
            doctor
                .remarks
                .iter()
                .filter(|remark| !remark.is_empty())
                .cloned(),
        );
    }
    lines.join("\n")
}

fn line(check: &Check, style: Style) -> String {
    let mark = match check.status {
        Status::Passed => style.good("ok  "),
        Status::Warned => style.caution("warn"),
        Status::Failed => style.bad("fail"),
    };
    format!("{mark}  {:12} {}", check.title, check.message)
}

fn verdict(doctor: &Doctor, needs: String) -> Result<(), Ended> {
    let failed: Vec<String> = doctor.failures().map(|check| check.title.clone()).collect();
    if failed.is_empty() {
        return Ok(());
    }
    let preflight = Preflight {
        checks: doctor.checks.clone(),
    };
    let hints = preflight
        .verdict(false, &doctor.facts)
        .err()
        .map(|error| error.hints())
        .unwrap_or_default();
    Err(Unfit {
        failed,
        needs,
        hints,
    }
    .into())
}
