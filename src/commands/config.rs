//! `kubewright config …`

use super::{Call, Ended};
use crate::cli::{ConfigVerb, Format};
use crate::report::{Output, Style, Table};
use crate::settings::Layer;

pub(super) fn run(verb: &ConfigVerb, call: &Call) -> Result<(), Ended> {
    let ConfigVerb::Show { origin, format } = verb;
    let settings = call.settings(Layer::none())?;
    if *format == Format::Json {
        Output.json(&serde_json::json!({ "schema": 1, "settings": settings.shown() }));
        return Ok(());
    }
    let heading: &[&str] = if *origin {
        &["SETTING", "VALUE", "ORIGIN"]
    } else {
        &["SETTING", "VALUE"]
    };
    let mut table = Table::new(heading);
    for shown in settings.shown() {
        let value = if shown.value.is_empty() {
            "-".to_owned()
        } else {
            shown.value.clone()
        };
        let cells = [shown.key.to_owned(), value, shown.origin.to_string()];
        table.row(cells.into_iter().take(heading.len()));
    }
    Output.data(&table.render(Style::of_stdout()));
    Ok(())
}
