//! The libraries of the API server: amounts, versions, URLs, addresses, formats of texts.
//!
//! Source: k8s.io/apiserver/pkg/cel/library/{quantity,semverlib,urls,ip,cidr,format}.go.

use std::cmp::Ordering;
use std::net::IpAddr;
use std::rc::Rc;

use super::named::{FORMATS, wrong};
use super::quantity::Quantity;
use super::semver::Version;
use super::value::{Evaluated, NO_OVERLOAD, Stop, Value, fail};
use super::{Unchecked, network, quantity, semver, url};

impl From<Unchecked> for Stop {
    fn from(_: Unchecked) -> Stop {
        Stop::Unchecked
    }
}

/// A call of one of the libraries.
pub(super) fn call<'v>(function: &str, operands: &[Value<'v>]) -> Option<Evaluated<Value<'v>>> {
    match operands {
        [] => format(function),
        [Value::Quantity(one), rest @ ..] => amounts(function, one, rest),
        [Value::Semver(one), rest @ ..] => versions(function, one, rest),
        [Value::Url(one)] => urls(function, one),
        [Value::Address(one)] => addresses(function, *one),
        [Value::Prefix(_), ..] => ranges(function, operands),
        [Value::Format(name), Value::String(text)] if function == "validate" => {
            Some(validated(name, text))
        }
        [Value::String(text), rest @ ..] => texts(function, text, rest),
        _ => None,
    }
}

/// What a text stands for.
fn texts<'v>(function: &str, text: &str, rest: &[Value<'v>]) -> Option<Evaluated<Value<'v>>> {
    let version = |loosely: bool| {
        if loosely {
            semver::read_loosely(text)
        } else {
            semver::read(text)
        }
    };
    Some(match (function, rest) {
        ("isQuantity", []) => match quantity::read(text) {
            Ok(read) => Ok(Value::Bool(read.is_ok())),
            Err(unchecked) => Err(unchecked.into()),
        },
        ("quantity", []) => match quantity::read(text) {
            Ok(Ok(quantity)) => Ok(Value::Quantity(quantity)),
            Ok(Err(why)) => fail(why),
            Err(unchecked) => Err(unchecked.into()),
        },
        ("isSemver", []) => Ok(Value::Bool(version(false).is_ok())),
        ("isSemver", [Value::Bool(loosely)]) => Ok(Value::Bool(version(*loosely).is_ok())),
        ("semver", []) => made(version(false)),
        ("semver", [Value::Bool(loosely)]) => made(version(*loosely)),
        ("isURL", []) => match url::read(text) {
            Err(Err(unchecked)) => Err(unchecked.into()),
            read => Ok(Value::Bool(read.is_ok())),
        },
        ("url", []) => match url::read(text) {
            Ok(_) => url::without_fragment(text)
                .map(|url| Value::Url(Rc::new(url)))
                .map_err(Stop::from),
            Err(why) => told("URL parse error during conversion from string: ", why),
        },
        ("isIP", []) => Ok(Value::Bool(network::address(text).is_ok())),
        ("ip", []) => match network::address(text) {
            Ok(address) => Ok(Value::Address(address)),
            Err(why) => told("", why),
        },
        ("ip.isCanonical", []) => match network::address(text) {
            Ok(address) => Ok(Value::Bool(address.to_string() == text)),
            Err(why) => told("", why),
        },
        ("isCIDR", []) => Ok(Value::Bool(network::prefix(text).is_ok())),
        ("cidr", []) => range(text),
        ("format.named", []) => {
            let known = FORMATS.into_iter().find(|name| *name == text);
            Ok(Value::Optional(
                known.map(|name| Rc::new(Value::Format(name))),
            ))
        }
        _ => return None,
    })
}

fn told<T>(before: &str, why: Result<String, Unchecked>) -> Evaluated<T> {
    fail(format!("{before}{}", why?))
}

fn range<'v>(text: &str) -> Evaluated<Value<'v>> {
    match network::prefix(text) {
        Ok(prefix) => Ok(Value::Prefix(prefix)),
        Err(why) => told(
            "network address parse error during conversion from string: ",
            why,
        ),
    }
}

fn made<'v>(version: Result<Version, String>) -> Evaluated<Value<'v>> {
    match version {
        Ok(version) => Ok(Value::Semver(Rc::new(version))),
        Err(why) => fail(why),
    }
}

/// What is asked of the order of two values.
fn ordered<'v>(function: &str, order: Ordering) -> Option<Evaluated<Value<'v>>> {
    Some(Ok(match function {
        "isGreaterThan" => Value::Bool(order == Ordering::Greater),
        "isLessThan" => Value::Bool(order == Ordering::Less),
        "compareTo" => Value::Int(order as i64),
        _ => return None,
    }))
}

fn amounts<'v>(function: &str, one: &Quantity, rest: &[Value<'v>]) -> Option<Evaluated<Value<'v>>> {
    let added = |other: &Quantity| {
        let sum = one.add(other, function == "sub");
        Some(sum.map(Value::Quantity).map_err(Stop::from))
    };
    Some(match (function, rest) {
        ("add" | "sub", [Value::Quantity(other)]) => return added(other),
        ("add" | "sub", [Value::Int(other)]) => return added(&Quantity::whole(*other)),
        (function, [Value::Quantity(other)]) => return ordered(function, one.compare(other)),
        ("sign", []) => Ok(Value::Int(one.sign())),
        ("isInteger", []) => Ok(Value::Bool(one.integer().is_some())),
        ("asInteger", []) => match one.integer() {
            Some(int) => Ok(Value::Int(int)),
            None => fail("cannot convert value to integer"),
        },
        ("asApproximateFloat", []) => one.float().map(Value::Double).map_err(Stop::from),
        _ => return None,
    })
}

fn versions<'v>(function: &str, one: &Version, rest: &[Value<'v>]) -> Option<Evaluated<Value<'v>>> {
    let [major, minor, patch] = one.numbers;
    // Numbers of 64 bits without a sign become such with one.
    let number = |number: u64| Some(Ok(Value::Int(number.cast_signed())));
    match (function, rest) {
        ("major", []) => number(major),
        ("minor", []) => number(minor),
        ("patch", []) => number(patch),
        (function, [Value::Semver(other)]) => ordered(function, one.compare(other)),
        _ => None,
    }
}

fn urls<'v>(function: &str, one: &url::Url) -> Option<Evaluated<Value<'v>>> {
    let (host, port) = match one.host_and_port() {
        Ok(parts) => parts,
        Err(unchecked) => return Some(Err(unchecked.into())),
    };
    Some(Ok(match function {
        "getScheme" => Value::text(one.scheme.as_str()),
        "getHost" => Value::text(one.host().unwrap_or_default()),
        "getHostname" => Value::text(host),
        "getPort" => Value::text(port),
        "getEscapedPath" => Value::text(one.escaped_path()),
        "getQuery" => {
            let query = match one.query() {
                Ok(query) => query,
                Err(unchecked) => return Some(Err(unchecked.into())),
            };
            let entries = query.into_iter().map(|(key, values)| {
                let values = values.into_iter().map(Value::text).collect();
                (Value::text(key), Value::list(values))
            });
            Value::Map(Rc::new(entries.collect()))
        }
        _ => return None,
    }))
}

fn addresses<'v>(function: &str, one: IpAddr) -> Option<Evaluated<Value<'v>>> {
    if function == "family" {
        return Some(Ok(Value::Int(if one.is_ipv4() { 4 } else { 6 })));
    }
    network::is(function, one).map(|is| Ok(Value::Bool(is)))
}

fn ranges<'v>(function: &str, operands: &[Value<'v>]) -> Option<Evaluated<Value<'v>>> {
    let (Value::Prefix(one), rest) = operands.split_first()? else {
        return None;
    };
    let bool = |is| Ok(Value::Bool(is));
    Some(match (function, rest) {
        ("containsIP", [Value::Address(address)]) => bool(one.has(*address)),
        ("containsIP", [Value::String(text)]) => match network::address(text) {
            Ok(address) => bool(one.has(address)),
            // It is not told why the text is none.
            Err(_) => fail(NO_OVERLOAD),
        },
        ("containsCIDR", [Value::Prefix(other)]) => bool(one.includes(other)),
        ("containsCIDR", [Value::String(text)]) => match range(text) {
            Ok(Value::Prefix(other)) => bool(one.includes(&other)),
            other => other,
        },
        ("ip", []) => Ok(Value::Address(one.address)),
        ("prefixLength", []) => Ok(Value::Int(i64::from(one.bits))),
        ("masked", []) => Ok(Value::Prefix(one.masked())),
        _ => return None,
    })
}

fn format<'v>(function: &str) -> Option<Evaluated<Value<'v>>> {
    let name = function.strip_prefix("format.")?;
    let known = FORMATS.into_iter().find(|known| *known == name)?;
    Some(Ok(Value::Format(known)))
}

fn validated<'v>(name: &str, text: &str) -> Evaluated<Value<'v>> {
    let wrong = wrong(name, text)?;
    let list = || Value::list(wrong.iter().map(|why| Value::text(why.as_str())).collect());
    Ok(Value::Optional(
        (!wrong.is_empty()).then(|| Rc::new(list())),
    ))
}
