//! Whether a Go file belongs to a build for a platform: by its name, and by the constraint at its head
//! (<https://pkg.go.dev/cmd/go#hdr-Build_constraints>).

use crate::platform::Platform;

/// The systems and processors that a file's name may end with.
const SYSTEMS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];
const PROCESSORS: &[&str] = &[
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64",
    "ppc64le", "riscv64", "s390x", "wasm",
];

/// Whether a file of this name is compiled for the platform, tests left out.
pub(super) fn allows_name(name: &str, platform: &Platform) -> bool {
    let Some(stem) = name.strip_suffix(".go") else {
        return false;
    };
    if stem.ends_with("_test") || stem.starts_with(['_', '.']) {
        return false;
    }
    let mut words = stem.split('_').skip(1).collect::<Vec<_>>();
    let last = words.pop().unwrap_or_default();
    if PROCESSORS.contains(&last) {
        let system = words.pop().filter(|word| SYSTEMS.contains(word));
        return last == platform.arch() && system.is_none_or(|system| system == platform.os());
    }
    !SYSTEMS.contains(&last) || last == platform.os()
}

/// Whether the constraint before a file's package clause holds. Tags that nobody set do not; cgo counts as allowed.
pub(super) fn allows_text(head: &str, platform: &Platform) -> bool {
    let holds = |tag: &str| is_set(tag, platform);
    let lines = head.lines().map(str::trim);
    let code = lines.take_while(|line| line.is_empty() || line.starts_with("//"));
    let comments: Vec<&str> = code.collect();
    let modern = comments
        .iter()
        .find_map(|line| line.strip_prefix("//go:build "));
    if let Some(expression) = modern {
        return Expression::new(expression).either(&holds);
    }
    comments
        .iter()
        .filter_map(|line| {
            let line = line.trim_start_matches('/').trim_start();
            line.strip_prefix("+build ")
        })
        .all(|options| {
            options
                .split_whitespace()
                .any(|option| all_of(option, &holds))
        })
}

/// `linux,!cgo` of a `+build` line.
fn all_of(option: &str, holds: &dyn Fn(&str) -> bool) -> bool {
    option.split(',').all(|term| match term.strip_prefix('!') {
        Some(tag) => !holds(tag),
        None => holds(term),
    })
}

fn is_set(tag: &str, platform: &Platform) -> bool {
    let is_release = tag.strip_prefix("go1.").is_some();
    let is_unix = tag == "unix" && platform.os() != "windows";
    tag == platform.os()
        || tag == platform.arch()
        || is_release
        || is_unix
        || matches!(tag, "gc" | "cgo")
}

/// An expression of a `go:build` line that is being read: `linux && (amd64 || !cgo)`.
struct Expression<'a> {
    rest: &'a str,
}

impl<'a> Expression<'a> {
    fn new(text: &'a str) -> Expression<'a> {
        Expression { rest: text.trim() }
    }

    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(token);
        if let Some(rest) = rest {
            self.rest = rest;
        }
        rest.is_some()
    }

    fn either(&mut self, holds: &dyn Fn(&str) -> bool) -> bool {
        let mut value = self.both(holds);
        while self.take("||") {
            value |= self.both(holds);
        }
        value
    }

    fn both(&mut self, holds: &dyn Fn(&str) -> bool) -> bool {
        let mut value = self.one(holds);
        while self.take("&&") {
            value &= self.one(holds);
        }
        value
    }

    fn one(&mut self, holds: &dyn Fn(&str) -> bool) -> bool {
        if self.take("!") {
            return !self.one(holds);
        }
        if self.take("(") {
            let value = self.either(holds);
            self.take(")");
            return value;
        }
        let rest = self.rest.trim_start();
        let is_end = |c: char| !c.is_alphanumeric() && c != '_' && c != '.';
        let (tag, rest) = rest.split_at(rest.find(is_end).unwrap_or(rest.len()));
        self.rest = rest;
        holds(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linux() -> Platform {
        "linux/amd64".parse().unwrap()
    }

    #[test]
    fn a_name_says_for_what_a_file_is() {
        for (name, allowed) in [
            ("kubectl.go", true),
            ("linux.go", true),
            ("exec_linux.go", true),
            ("exec_windows.go", false),
            ("exec_linux_amd64.go", true),
            ("exec_linux_arm64.go", false),
            ("exec_darwin_amd64.go", false),
            ("exec_amd64.go", true),
            ("exec_test.go", false),
            ("types.proto", false),
        ] {
            assert_eq!(allows_name(name, &linux()), allowed, "{name}");
        }
    }

    #[test]
    fn a_constraint_at_the_head_is_held_against_the_platform() {
        for (head, allowed) in [
            ("package x\n// +build windows\n", true),
            ("// +build windows\n\npackage x\n", false),
            (
                "// Copyright\n\n// +build !windows\n// +build amd64\n\npackage x\n",
                true,
            ),
            ("// +build linux,!cgo darwin\n\npackage x", false),
            ("// +build ignore\n\npackage main", false),
            (
                "//go:build linux && (arm64 || !race)\n// +build windows\n\npackage x",
                true,
            ),
            ("//go:build !unix\n\npackage x", false),
            ("//go:build go1.21\n\npackage x", true),
        ] {
            assert_eq!(allows_text(head, &linux()), allowed, "{head}");
        }
    }
}
