//! What the server says of the number that is scaled.

use serde_json::Value;

/// What the server says of the number that is scaled, beside what the schema has to say (`validateScaleSpec` of
/// `apiextensions-apiserver/pkg/registry/customresource/validator.go`); an error where that depends on how Go prints things.
pub(super) fn not_scalable(path: &str, root: &Value) -> Result<Option<String>, ()> {
    let names: Vec<&str> = path.trim_start_matches('.').split('.').collect();
    let mut value = root;
    for (depth, name) in names.iter().enumerate() {
        let so_far = names[..=depth].join(".");
        value = match value {
            Value::Object(entries) => match entries.get(*name) {
                Some(value) => value,
                None => return Ok(None),
            },
            Value::String(text) => {
                return Ok(Some(accessor_error(
                    path,
                    &so_far,
                    text,
                    "map[string]interface{}",
                )));
            }
            _ => return Err(()),
        };
    }
    let number = match value {
        Value::String(text) => {
            return Ok(Some(accessor_error(path, &names.join("."), text, "int64")));
        }
        value => value.as_i64().ok_or(())?,
    };
    let beyond = match number {
        ..0 => "should be a non-negative integer".to_owned(),
        number if number > i64::from(i32::MAX) => {
            format!("should be less than or equal to {}", i32::MAX)
        }
        _ => return Ok(None),
    };
    Ok(Some(format!("{path}: Invalid value: {number}: {beyond}")))
}

fn accessor_error(path: &str, so_far: &str, text: &str, wanted: &str) -> String {
    format!(
        "{path}: Invalid value: 0: .{so_far} accessor error: {text} is of the type string, expected {wanted}"
    )
}
