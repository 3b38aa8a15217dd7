//! What Go recorded of a build in the program: the format that Go's own `debug/buildinfo` reads.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::layout::Layout;

/// What Go recorded of a build.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
pub struct GoBuildInfo {
    /// The version of Go, as it calls itself: `go1.24.6`.
    pub go_version: String,
    /// The main package's import path; nothing where it was built without modules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The settings of the build, such as `CGO_ENABLED` and `-trimpath`; Go records them since
    /// 1.18.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
}

/// What the information begins with, at an address that is a multiple of its alignment.
const MAGIC: &[u8] = b"\xff Go buildinf:";
const ALIGNMENT: usize = 16;
const HEADER_SIZE: u64 = 32;
/// How much is searched at once; a multiple of the alignment, so that the magic never lies across.
const PIECE: u64 = 256 << 10;
/// The most that one of the two texts may hold. Real ones are kilobytes; a damaged
/// length must not allocate gigabytes.
const LONGEST: u64 = 4 << 20;

impl GoBuildInfo {
    /// Reads it; nothing where there is none, or none that makes sense.
    pub(super) fn read(file: &File, layout: &Layout) -> io::Result<Option<GoBuildInfo>> {
        let memory = Memory { file, layout };
        let Some(address) = memory.find_magic()? else {
            return Ok(None);
        };
        let header = memory.bytes(address, HEADER_SIZE)?;
        let [.., pointer_size, flags] = header[..ALIGNMENT] else {
            return Ok(None);
        };
        // Since Go 1.18 the texts follow the header; before, it holds their addresses.
        let (version, module) = if flags & 2 != 0 {
            memory.inline_texts(address + HEADER_SIZE)?
        } else {
            let pointers = Pointers {
                size: pointer_size.into(),
                is_big: flags & 1 != 0,
            };
            memory.pointed_texts(&header[ALIGNMENT..], pointers)?
        }
        .unwrap_or_default();
        Ok((!version.is_empty()).then(|| parse(&version, &module)))
    }
}

/// The program's memory as it would be loaded.
struct Memory<'a> {
    file: &'a File,
    layout: &'a Layout,
}

/// How a program writes pointers.
#[derive(Clone, Copy)]
struct Pointers {
    size: usize,
    is_big: bool,
}

type Texts = Option<(Vec<u8>, Vec<u8>)>;

impl Memory<'_> {
    fn bytes(&self, address: u64, size: u64) -> io::Result<Vec<u8>> {
        self.layout.bytes_at(self.file, address, size)
    }

    fn find_magic(&self) -> io::Result<Option<u64>> {
        let Some(region) = self.layout.data else {
            return Ok(None);
        };
        let end = region.address.saturating_add(region.size);
        let mut address = region.address.next_multiple_of(ALIGNMENT as u64);
        while address < end {
            let piece = self.bytes(address, PIECE.min(end - address))?;
            if piece.is_empty() {
                break;
            }
            let found = piece
                .chunks(ALIGNMENT)
                .position(|chunk| chunk.starts_with(MAGIC));
            if let Some(index) = found {
                let address = address + (index * ALIGNMENT) as u64;
                let is_whole = self.bytes(address, HEADER_SIZE)?.len() as u64 == HEADER_SIZE;
                return Ok(is_whole.then_some(address));
            }
            address += piece.len().next_multiple_of(ALIGNMENT) as u64;
        }
        Ok(None)
    }

    /// Two texts, each after its length.
    fn inline_texts(&self, address: u64) -> io::Result<Texts> {
        let Some((version, next)) = self.inline_text(address)? else {
            return Ok(None);
        };
        let module = self.inline_text(next)?;
        Ok(module.map(|(module, _)| (version, module)))
    }

    fn inline_text(&self, address: u64) -> io::Result<Option<(Vec<u8>, u64)>> {
        let Some((length, width)) = variable_length(&self.bytes(address, 10)?) else {
            return Ok(None);
        };
        let start = address + width;
        let text = self.text(start, length)?;
        Ok(text.map(|text| (text, start + length)))
    }

    /// Two texts by the addresses of their Go strings.
    fn pointed_texts(&self, header: &[u8], pointers: Pointers) -> io::Result<Texts> {
        let Some((version, module)) = pointers.pair(header) else {
            return Ok(None);
        };
        let version = self.pointed_text(version, pointers)?;
        let module = self.pointed_text(module, pointers)?;
        Ok(version.map(|version| (version, module.unwrap_or_default())))
    }

    /// A Go string: an address and a length.
    fn pointed_text(&self, address: u64, pointers: Pointers) -> io::Result<Option<Vec<u8>>> {
        let string = self.bytes(address, 2 * pointers.size as u64)?;
        match pointers.pair(&string) {
            Some((address, length)) => self.text(address, length),
            None => Ok(None),
        }
    }

    fn text(&self, address: u64, length: u64) -> io::Result<Option<Vec<u8>>> {
        if length > LONGEST {
            return Ok(None);
        }
        let text = self.bytes(address, length)?;
        Ok((text.len() as u64 == length).then_some(text))
    }
}

impl Pointers {
    fn pair(self, bytes: &[u8]) -> Option<(u64, u64)> {
        let first = self.number(bytes.get(..self.size)?)?;
        let second = self.number(bytes.get(self.size..2 * self.size)?)?;
        Some((first, second))
    }

    fn number(self, bytes: &[u8]) -> Option<u64> {
        let append = |number, byte: &u8| number << 8 | u64::from(*byte);
        match (self.size, self.is_big) {
            (4 | 8, true) => Some(bytes.iter().fold(0, append)),
            (4 | 8, false) => Some(bytes.iter().rev().fold(0, append)),
            _ => None,
        }
    }
}

/// A number of seven bits a byte, the lowest first, and how many bytes it takes.
fn variable_length(bytes: &[u8]) -> Option<(u64, u64)> {
    let width = bytes.iter().position(|byte| byte & 0x80 == 0)? + 1;
    // More would be longer than any text that is read.
    if width > 9 {
        return None;
    }
    let value = bytes[..width]
        .iter()
        .rev()
        .fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f));
    Some((value, width as u64))
}

fn parse(version: &[u8], module: &[u8]) -> GoBuildInfo {
    let mut info = GoBuildInfo {
        go_version: String::from_utf8_lossy(version).into_owned(),
        ..GoBuildInfo::default()
    };
    // The text stands between two marks of 16 bytes, by which a debugger finds it.
    let framed = module.len() >= 33 && module[module.len() - 17] == b'\n';
    if !framed {
        return info;
    }
    let text = String::from_utf8_lossy(&module[16..module.len() - 16]);
    for line in text.lines() {
        match line.split_once('\t') {
            Some(("path", path)) => info.path = Some(path.to_owned()),
            Some(("build", setting)) => info.settings.extend(parse_setting(setting)),
            _ => {}
        }
    }
    info
}

/// Reads `CGO_ENABLED=0`, and `-ldflags="-s -w"` where Go had to quote.
fn parse_setting(setting: &str) -> Option<(String, String)> {
    let (key, rest) = if setting.starts_with(['"', '`']) {
        unquote(setting)?
    } else {
        let equals = setting.find('=')?;
        (setting[..equals].to_owned(), &setting[equals..])
    };
    let value = rest.strip_prefix('=')?;
    let value = if value.starts_with(['"', '`']) {
        unquote(value)?.0
    } else {
        value.to_owned()
    };
    Some((key, value))
}

/// Reads a string as Go quotes it, and returns what follows it.
fn unquote(text: &str) -> Option<(String, &str)> {
    if let Some(raw) = text.strip_prefix('`') {
        let (value, rest) = raw.split_once('`')?;
        return Some((value.to_owned(), rest));
    }
    let mut rest = text.strip_prefix('"')?;
    let mut value = String::new();
    loop {
        let mut characters = rest.chars();
        let next = characters.next()?;
        rest = characters.as_str();
        match next {
            '"' => return Some((value, rest)),
            '\\' => {
                let (escaped, after) = escape(rest)?;
                value.push(escaped);
                rest = after;
            }
            plain => value.push(plain),
        }
    }
}

/// Reads what follows a backslash.
fn escape(text: &str) -> Option<(char, &str)> {
    let kind = text.chars().next()?;
    let rest = &text[kind.len_utf8()..];
    let digits = match kind {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        'n' => return Some(('\n', rest)),
        'r' => return Some(('\r', rest)),
        't' => return Some(('\t', rest)),
        'a' => return Some(('\x07', rest)),
        'b' => return Some(('\x08', rest)),
        'f' => return Some(('\x0c', rest)),
        'v' => return Some(('\x0b', rest)),
        other => return Some((other, rest)),
    };
    let code = u32::from_str_radix(rest.get(..digits)?, 16).ok()?;
    Some((char::from_u32(code)?, &rest[digits..]))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Image, elf, mach_o, pe, write};
    use super::*;

    const MODULE: &str = "path\tk8s.io/kubernetes/cmd/kubectl\nmod\tk8s.io/kubernetes\t(devel)\t\n\
        dep\tgithub.com/a/b\tv1.2.3\th1:x=\nbuild\t-ldflags=\"-s -w -X 'a=\\\"b\\\"'\"\nbuild\tCGO_ENABLED=0\n";

    fn read(image: &Image) -> Option<GoBuildInfo> {
        let (_folder, path) = write(&image.content);
        let file = File::open(path).unwrap();
        GoBuildInfo::read(&file, &Layout::read(&file).unwrap()).unwrap()
    }

    fn framed(module: &str) -> Vec<u8> {
        [&[1; 16], module.as_bytes(), &[2; 16]].concat()
    }

    fn inline(version: &str, module: &[u8]) -> Vec<u8> {
        let mut blob = [MAGIC, &[8, 2], &[0; 16]].concat();
        for text in [version.as_bytes(), module] {
            let mut length = text.len();
            while length >= 0x80 {
                blob.push(length as u8 | 0x80);
                length >>= 7;
            }
            blob.push(length as u8);
            blob.extend(text);
        }
        blob
    }

    /// The older format, with everything that it points to behind it.
    fn pointed(address: u64, version: &str, module: &[u8]) -> Vec<u8> {
        let texts = address + 64;
        let (version_length, module_length) = (version.len() as u64, module.len() as u64);
        let mut blob = [MAGIC, &[8, 0]].concat();
        for number in [
            address + 32,
            address + 48,
            texts,
            version_length,
            texts + version_length,
            module_length,
        ] {
            blob.extend(number.to_le_bytes());
        }
        [&blob, version.as_bytes(), module].concat()
    }

    #[test]
    fn reads_the_inline_format_of_each_kind_of_file() {
        for image in [elf(), mach_o(), pe()] {
            let image = image.with_data(&inline("go1.24.6", &framed(MODULE)));
            let info = read(&image).unwrap();
            assert_eq!(info.go_version, "go1.24.6");
            assert_eq!(info.path.as_deref(), Some("k8s.io/kubernetes/cmd/kubectl"));
            assert_eq!(info.settings["CGO_ENABLED"], "0");
            assert_eq!(info.settings["-ldflags"], "-s -w -X 'a=\"b\"'");
        }
    }

    #[test]
    fn reads_the_pointers_of_older_go() {
        let image = elf();
        let blob = pointed(image.address, "go1.15.15", &framed(MODULE));
        let info = read(&image.with_data(&blob)).unwrap();
        assert_eq!(info.go_version, "go1.15.15");
        assert_eq!(info.path.as_deref(), Some("k8s.io/kubernetes/cmd/kubectl"));

        let blob = pointed(image.address, "go1.15.15", b"");
        let info = read(&image.with_data(&blob)).unwrap();
        assert_eq!((info.path, info.settings.len()), (None, 0));
    }

    #[test]
    fn finds_it_only_where_it_is_aligned() {
        let blob = inline("go1.24.6", b"");
        let behind = |count: usize| [vec![0; count], blob.clone()].concat();
        assert!(read(&elf().with_data(&behind(PIECE as usize + 48))).is_some());
        assert!(read(&elf().with_data(&behind(8))).is_none());
    }

    #[test]
    fn what_makes_no_sense_is_none() {
        let blob = inline("go1.24.6", &framed(MODULE));
        let mut endless = blob.clone();
        endless[32] = 0xff;
        let wild = pointed(1 << 60, "go1.15.15", b"");
        for data in [
            &b""[..],
            b"not Go's",
            &blob[..31],
            &blob[..100],
            &endless,
            &wild,
        ] {
            assert_eq!(read(&elf().with_data(data)), None);
        }
    }

    #[test]
    fn settings_are_unquoted_as_go_quotes_them() {
        let parsed = |text| parse_setting(text).unwrap();
        for (text, key, value) in [
            ("GOOS=linux", "GOOS", "linux"),
            ("-tags=", "-tags", ""),
            (
                "vcs.time=2025-01-01T00:00:00Z",
                "vcs.time",
                "2025-01-01T00:00:00Z",
            ),
            (
                r#"-ldflags="a=\"b\"\tc\u00e9\x41""#,
                "-ldflags",
                "a=\"b\"\tc\u{e9}A",
            ),
            ("-gcflags=`a\"b`", "-gcflags", "a\"b"),
            (r#""a key"=x"#, "a key", "x"),
        ] {
            assert_eq!(parsed(text), (key.to_owned(), value.to_owned()));
        }
        for text in ["", "GOOS", "\"open=x", "x=\"open", r#"x="\u12""#] {
            assert_eq!(parse_setting(text), None, "{text}");
        }
    }
}
