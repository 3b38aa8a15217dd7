//! The shapes of bash that trees from 1.2 to the newest use.

use std::io;

use super::super::files::{Entry, Files};
use super::Shell;

/// A tree with one file.
struct OneFile;

impl Files for OneFile {
    fn read(&self, path: &str) -> io::Result<Option<String>> {
        Ok((path == "build/VERSION").then(|| "v1.2.3\n".to_owned()))
    }

    fn list(&self, _folder: &str) -> io::Result<Vec<Entry>> {
        Ok(Vec::new())
    }
}

fn shell(text: &str) -> Shell<'static> {
    let mut shell = Shell::new(&OneFile);
    shell.source(text);
    shell
}

fn array(text: &str, name: &str) -> Vec<String> {
    shell(text).array(name).unwrap_or_default().to_vec()
}

#[test]
fn functions_print_arrays() {
    let text = r#"
targets() {
  local targets=(
    cmd/a
    cmd/b # not cmd/c
  )
  if [[ "${OSTYPE:-}" == "linux"* ]]; then
    targets+=( test/d.test )
  fi
  echo "${targets[@]}"
}
IFS=" " read -ra NEW <<< "$(targets)"
readonly NEW
readonly OLD=($(targets))
kube::util::read-array LINES < <(targets)
"#;
    for name in ["NEW", "OLD", "LINES"] {
        assert_eq!(
            array(text, name),
            ["cmd/a", "cmd/b", "test/d.test"],
            "{name}"
        );
    }
    assert_eq!(shell(text).array("targets"), None);
}

#[test]
fn a_fast_build_is_not_taken() {
    let text = r#"
readonly SUPPORTED=(linux/amd64 linux/arm64)
declare -a PLATFORMS
setup() {
  if [[ -n "${KUBE_BUILD_PLATFORMS:-}" ]]; then
    IFS=" " read -ra PLATFORMS <<< "${KUBE_BUILD_PLATFORMS}"
  elif [[ "${KUBE_FASTBUILD:-}" == "true" ]]; then
    PLATFORMS=("linux/${host_arch}")
  else
    PLATFORMS=("${SUPPORTED[@]}")
    readonly PLATFORMS
  fi
}
setup
readonly SAME=("${PLATFORMS[@]:+"${PLATFORMS[@]}"}")
readonly ALL=("${SUPPORTED[@]}" "${NONE[@]}" other/os)
"#;
    assert_eq!(array(text, "PLATFORMS"), ["linux/amd64", "linux/arm64"]);
    assert_eq!(array(text, "SAME"), ["linux/amd64", "linux/arm64"]);
    assert_eq!(
        array(text, "ALL"),
        ["linux/amd64", "linux/arm64", "other/os"]
    );
}

#[test]
fn what_is_asked_for_by_the_environment_is_not_there() {
    let text = r#"
A=(a)
if [[ "${KUBE_BUILD_PPC64LE:-}" =~ ^[yY]$ ]]; then A+=(b); fi
if [ -n "${KUBERNETES_CONTRIB:-}" ]; then A+=(c); fi
[[ -z "${NOT_SET:-}" ]] && A+=(d)
[[ ! -n "${NOT_SET:-}" && x != y ]] && A+=(e)
if [[ -f /etc/passwd ]]; then A+=(f); else A+=(g); fi
unknown-program && A+=(h)
unknown-program || A+=(i)
if unknown-program; then A+=(j); fi
case x in x) A+=(k) ;; esac
"#;
    assert_eq!(array(text, "A"), ["a", "d", "e", "g"]);
}

#[test]
fn scalars_have_defaults_and_files() {
    let shell = shell(
        r#"
KUBE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")"/.. && pwd -P)
SUB="${SUB:-_output/local}"
readonly OUT="${KUBE_ROOT}/${SUB}"
export NESTED="${NESTED:-"${OUT}/go"}"
TAG="${VERSION:-"$(cat "${KUBE_ROOT}/build/VERSION")"}"
TAG2=$(<"$KUBE_ROOT/build/VERSION")
NONE="$(cat "${KUBE_ROOT}/build/NONE")"
KEPT=before
KEPT=$(program)
TEXT='it'"'"'s'
TEXT+=" so"
"#,
    );
    assert_eq!(shell.relative("OUT").as_deref(), Some("_output/local"));
    assert_eq!(
        shell.relative("NESTED").as_deref(),
        Some("_output/local/go")
    );
    assert_eq!(shell.first("TAG").as_deref(), Some("v1.2.3"));
    assert_eq!(shell.first("TAG2").as_deref(), Some("v1.2.3"));
    assert_eq!(shell.first("NONE"), None);
    assert_eq!(shell.first("KEPT").as_deref(), Some("before"));
    assert_eq!(shell.first("TEXT").as_deref(), Some("it's so"));
}

#[test]
fn conditions_on_a_variable_are_told_from_plain_assignments() {
    let guarded =
        "f() {\n ( g=\"${X:-}\"\n if [[ \"${DBG:-}\" == 1 ]]; then\n g=\"$g -N -l\"\n fi ) }";
    let always = "f() {\n # if DBG\n g=\"$g -N -l\"\n}";
    let assigns = |text| shell(text).assigns_unless("f", "g", "-N -l", "DBG");
    assert!(!assigns(guarded));
    assert!(assigns(always));
    assert!(!assigns(""));
}

#[test]
fn endless_texts_end() {
    let _ = shell("f() { f; f; }\nf");
    let doubling = "A=(x x)\n".to_owned() + &"A+=(\"${A[@]}\")\n".repeat(64);
    assert!(array(&doubling, "A").len() <= super::MAX_ELEMENTS);
    let growing = "B=xxxxxxxx\n".to_owned() + &"B=\"$B$B\"\n".repeat(64);
    assert!(shell(&growing).first("B").unwrap().len() <= super::MAX_BYTES);
}
