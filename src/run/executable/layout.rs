//! What the headers of an executable say, in terms that are the same for every format.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;

use object::read::elf::{Dyn, FileHeader, ProgramHeader, SectionHeader};
use object::read::macho::{MachHeader, Section, Segment as MachOSegment};
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader};
use object::read::{FileKind, ReadCache, ReadRef};
use object::{Endianness, LittleEndian, elf, macho, pe};

use super::{Format, Linkage};
use crate::platform::Platform;

/// What the headers say.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) format: Format,
    pub(super) platform: Platform,
    pub(super) linkage: Option<Linkage>,
    /// Which part of the file is loaded where.
    segments: Vec<Segment>,
    /// Where Go's build information begins, if there is any: its own section, else the first writable data.
    pub(super) data: Option<Region>,
}

/// A part of the file that is loaded into memory.
#[derive(Clone, Copy, Debug)]
struct Segment {
    address: u64,
    offset: u64,
    /// How much of it is in the file.
    size: u64,
}

/// A part of the program's memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    pub(super) address: u64,
    pub(super) size: u64,
}

type Cache<'a> = ReadCache<&'a File>;

impl Layout {
    /// Reads the headers; what is wrong with them otherwise.
    pub(super) fn read(file: &File) -> Result<Layout, String> {
        let cache = ReadCache::new(file);
        let unknown = |_| not_executable(file);
        let layout = match FileKind::parse(&cache).map_err(unknown)? {
            FileKind::Elf32 => read_elf::<elf::FileHeader32<Endianness>>(&cache),
            FileKind::Elf64 => read_elf::<elf::FileHeader64<Endianness>>(&cache),
            FileKind::MachO32 => read_mach_o::<macho::MachHeader32<Endianness>>(&cache),
            FileKind::MachO64 => read_mach_o::<macho::MachHeader64<Endianness>>(&cache),
            FileKind::Pe32 => read_pe::<pe::ImageNtHeaders32>(&cache),
            FileKind::Pe64 => read_pe::<pe::ImageNtHeaders64>(&cache),
            _ => Err(not_executable(file)),
        }?;
        let length = (&cache).len().map_err(|()| not_executable(file))?;
        layout.check_whole(length)?;
        Ok(layout)
    }

    /// A linker that was killed, or a full disk, leaves headers that promise more than there is.
    fn check_whole(&self, length: u64) -> Result<(), String> {
        let ends = self
            .segments
            .iter()
            .map(|s| s.offset.saturating_add(s.size));
        match ends.max() {
            Some(end) if end > length => Err(format!(
                "it ends after {length} bytes, and its headers name {end}"
            )),
            Some(_) => Ok(()),
            None => Err("nothing of it would be loaded".to_owned()),
        }
    }

    /// Reads up to `size` bytes of what would be loaded at `address`: less where the segment ends before, nothing where
    /// there is none.
    pub(super) fn bytes_at(&self, file: &File, address: u64, size: u64) -> io::Result<Vec<u8>> {
        let Some((segment, skipped)) = self.segments.iter().find_map(|segment| {
            let skipped = address.checked_sub(segment.address)?;
            (skipped < segment.size).then_some((segment, skipped))
        }) else {
            return Ok(Vec::new());
        };
        let mut bytes = vec![0; size.min(segment.size - skipped) as usize];
        file.read_exact_at(&mut bytes, segment.offset + skipped)?;
        Ok(bytes)
    }
}

fn not_executable(mut file: &File) -> String {
    let mut start = [0; 2];
    let count = io::Seek::rewind(&mut file)
        .and_then(|()| file.read(&mut start))
        .unwrap_or_default();
    match &start[..count] {
        [] => "it is empty",
        b"#!" => "it is a script",
        _ => "it is no ELF, Mach-O or PE file for one platform",
    }
    .to_owned()
}

fn platform(os: &str, arch: Option<&str>, machine: u32) -> Result<Platform, String> {
    let arch = arch.ok_or_else(|| format!("it is for an unknown machine ({machine:#x})"))?;
    format!("{os}/{arch}")
        .parse()
        .map_err(|error: crate::platform::InvalidPlatform| error.to_string())
}

fn damaged(error: object::read::Error) -> String {
    error.to_string()
}

fn read_elf<H>(cache: &Cache<'_>) -> Result<Layout, String>
where
    H: FileHeader<Endian = Endianness>,
{
    let header = H::parse(cache).map_err(damaged)?;
    let endian = header.endian().map_err(damaged)?;
    if ![elf::ET_EXEC, elf::ET_DYN].contains(&header.e_type(endian)) {
        return Err("it is an object file".to_owned());
    }
    let machine = header.e_machine(endian);
    let arch = elf_arch(machine, header.is_class_64(), header.is_little_endian());
    let programs = header.program_headers(endian, cache).map_err(damaged)?;
    let mut linkage = Linkage::Static;
    let mut segments = Vec::new();
    let mut data = None;
    for program in programs {
        if is_dynamic(program, endian, cache)? {
            linkage = Linkage::Dynamic;
        }
        if program.p_type(endian) != elf::PT_LOAD {
            continue;
        }
        let address = program.p_vaddr(endian).into();
        segments.push(Segment {
            address,
            offset: program.p_offset(endian).into(),
            size: program.p_filesz(endian).into(),
        });
        let flags = program.p_flags(endian) & (elf::PF_X | elf::PF_W);
        if flags == elf::PF_W && data.is_none() {
            let size = program.p_memsz(endian).into();
            data = Some(Region { address, size });
        }
    }
    Ok(Layout {
        format: Format::Elf,
        platform: platform(elf_os(header.e_ident().os_abi), arch, machine.into())?,
        linkage: Some(linkage),
        segments,
        data: elf_section(header, endian, cache)?.or(data),
    })
}

/// Whether this program header makes the program need an interpreter or a library. A position-independent program without
/// either has a dynamic segment too.
fn is_dynamic<P>(program: &P, endian: Endianness, cache: &Cache<'_>) -> Result<bool, String>
where
    P: ProgramHeader<Endian = Endianness>,
{
    if program.p_type(endian) == elf::PT_INTERP {
        return Ok(true);
    }
    let entries = program.dynamic(endian, cache).map_err(damaged)?;
    Ok(entries
        .into_iter()
        .flatten()
        .any(|entry| entry.tag(endian) == elf::DT_NEEDED))
}

fn elf_section<'a, H>(
    header: &'a H,
    endian: Endianness,
    cache: &'a Cache<'_>,
) -> Result<Option<Region>, String>
where
    H: FileHeader<Endian = Endianness>,
{
    let sections = header.sections(endian, cache).map_err(damaged)?;
    let section = sections.section_by_name(endian, b".go.buildinfo");
    Ok(section.map(|(_, section)| Region {
        address: section.sh_addr(endian).into(),
        size: section.sh_size(endian).into(),
    }))
}

/// Go's name of an ELF machine.
fn elf_arch(machine: u16, is_64: bool, is_little: bool) -> Option<&'static str> {
    Some(match (machine, is_64, is_little) {
        (elf::EM_X86_64, true, true) => "amd64",
        (elf::EM_386, false, true) => "386",
        (elf::EM_AARCH64, true, true) => "arm64",
        (elf::EM_ARM, false, true) => "arm",
        (elf::EM_PPC64, true, true) => "ppc64le",
        (elf::EM_PPC64, true, false) => "ppc64",
        (elf::EM_S390, true, false) => "s390x",
        (elf::EM_RISCV, true, true) => "riscv64",
        (elf::EM_LOONGARCH, true, true) => "loong64",
        (elf::EM_MIPS, true, true) => "mips64le",
        (elf::EM_MIPS, true, false) => "mips64",
        (elf::EM_MIPS, false, true) => "mipsle",
        (elf::EM_MIPS, false, false) => "mips",
        _ => return None,
    })
}

/// Go marks the BSDs and Solaris in the header, and leaves it empty for Linux.
fn elf_os(abi: u8) -> &'static str {
    match abi {
        elf::ELFOSABI_FREEBSD => "freebsd",
        elf::ELFOSABI_NETBSD => "netbsd",
        elf::ELFOSABI_OPENBSD => "openbsd",
        elf::ELFOSABI_SOLARIS => "solaris",
        _ => "linux",
    }
}

fn read_mach_o<H>(cache: &Cache<'_>) -> Result<Layout, String>
where
    H: MachHeader<Endian = Endianness>,
{
    let header = H::parse(cache, 0).map_err(damaged)?;
    let endian = header.endian().map_err(damaged)?;
    if header.filetype(endian) != macho::MH_EXECUTE {
        return Err("it is an object file or a library".to_owned());
    }
    let mut segments = Vec::new();
    let mut section = None;
    let mut writable = None;
    let mut commands = header.load_commands(endian, cache, 0).map_err(damaged)?;
    while let Some(command) = commands.next().map_err(damaged)? {
        let Some((segment, rest)) = H::Segment::from_command(command).map_err(damaged)? else {
            continue;
        };
        let (offset, size) = segment.file_range(endian);
        let address = segment.vmaddr(endian).into();
        segments.push(Segment {
            address,
            offset,
            size,
        });
        let is_data =
            (segment.initprot(endian), segment.maxprot(endian)) == (READ_WRITE, READ_WRITE);
        if is_data && address != 0 && size != 0 && writable.is_none() {
            let size = segment.vmsize(endian).into();
            writable = Some(Region { address, size });
        }
        let sections = segment.sections(endian, rest).map_err(damaged)?;
        let own = sections
            .iter()
            .find(|section| section.name() == b"__go_buildinfo");
        section = section.or(own.map(|section| Region {
            address: section.addr(endian).into(),
            size: section.size(endian).into(),
        }));
    }
    let machine = header.cputype(endian);
    Ok(Layout {
        format: Format::MachO,
        platform: platform("darwin", mach_o_arch(machine), machine)?,
        linkage: None,
        segments,
        data: section.or(writable),
    })
}

/// The protection of a segment of data.
const READ_WRITE: u32 = macho::VM_PROT_READ | macho::VM_PROT_WRITE;

/// Go's name of a Mach-O machine.
fn mach_o_arch(machine: u32) -> Option<&'static str> {
    Some(match machine {
        macho::CPU_TYPE_X86_64 => "amd64",
        macho::CPU_TYPE_ARM64 => "arm64",
        macho::CPU_TYPE_X86 => "386",
        macho::CPU_TYPE_ARM => "arm",
        _ => return None,
    })
}

fn read_pe<H: ImageNtHeaders>(cache: &Cache<'_>) -> Result<Layout, String> {
    let start = pe::ImageDosHeader::parse(cache).map_err(damaged)?;
    let mut offset = start.nt_headers_offset().into();
    let (headers, _) = H::parse(cache, &mut offset).map_err(damaged)?;
    let base = headers.optional_header().image_base();
    let sections = headers.sections(cache, offset).map_err(damaged)?;
    let mut segments = Vec::new();
    let mut data = None;
    for section in sections.iter() {
        let raw = |value: object::U32<LittleEndian>| u64::from(value.get(LittleEndian));
        let address = base.saturating_add(raw(section.virtual_address));
        let size = raw(section.size_of_raw_data);
        segments.push(Segment {
            address,
            offset: raw(section.pointer_to_raw_data),
            size,
        });
        let kind = section.characteristics.get(LittleEndian) & !pe::IMAGE_SCN_ALIGN_32BYTES;
        if kind == WRITABLE_DATA && size != 0 && data.is_none() {
            let size = raw(section.virtual_size);
            data = Some(Region { address, size });
        }
    }
    let machine = headers.file_header().machine.get(LittleEndian);
    Ok(Layout {
        format: Format::Pe,
        platform: platform("windows", pe_arch(machine), machine.into())?,
        linkage: None,
        segments,
        data,
    })
}

/// The characteristics of a section of data.
const WRITABLE_DATA: u32 =
    pe::IMAGE_SCN_CNT_INITIALIZED_DATA | pe::IMAGE_SCN_MEM_READ | pe::IMAGE_SCN_MEM_WRITE;

/// Go's name of a PE machine.
fn pe_arch(machine: u16) -> Option<&'static str> {
    Some(match machine {
        pe::IMAGE_FILE_MACHINE_AMD64 => "amd64",
        pe::IMAGE_FILE_MACHINE_I386 => "386",
        pe::IMAGE_FILE_MACHINE_ARM64 => "arm64",
        pe::IMAGE_FILE_MACHINE_ARMNT => "arm",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{elf, mach_o, pe, write};
    use super::*;

    fn read(content: &[u8]) -> Result<Layout, String> {
        let (_folder, path) = write(content);
        Layout::read(&File::open(path).unwrap())
    }

    #[test]
    fn reads_the_platform_of_each_format() {
        for (image, format, platform) in [
            (elf(), Format::Elf, "linux/amd64"),
            (mach_o(), Format::MachO, "darwin/arm64"),
            (pe(), Format::Pe, "windows/amd64"),
        ] {
            let layout = read(&image.content).unwrap();
            assert_eq!(layout.format, format);
            assert_eq!(layout.platform.to_string(), platform);
        }
    }

    #[test]
    fn reads_machine_and_system_of_an_elf() {
        let with = |machine: u8, abi: u8| {
            let mut content = elf().content;
            content[18] = machine;
            content[7] = abi;
            read(&content).map(|layout| layout.platform.to_string())
        };
        assert_eq!(with(183, 0), Ok("linux/arm64".to_owned()));
        assert_eq!(with(243, 9), Ok("freebsd/riscv64".to_owned()));
        assert_eq!(
            with(1, 0),
            Err("it is for an unknown machine (0x1)".to_owned())
        );
    }

    #[test]
    fn an_elf_is_static_unless_it_has_an_interpreter_or_needs_a_library() {
        let linkage = |content: &[u8]| read(content).unwrap().linkage;
        let plain = elf();
        assert_eq!(linkage(&plain.content), Some(Linkage::Static));
        assert_eq!(
            linkage(&plain.with_second_header(3)),
            Some(Linkage::Dynamic)
        );
        // A dynamic segment alone, as a static position-independent program has it.
        let mut dynamic = plain.with_second_header(2);
        assert_eq!(linkage(&dynamic), Some(Linkage::Static));
        dynamic[plain.data as usize] = 1;
        assert_eq!(linkage(&dynamic), Some(Linkage::Dynamic));
        assert_eq!(read(&mach_o().content).unwrap().linkage, None);
    }

    #[test]
    fn reads_this_very_program() {
        let program = File::open(std::env::current_exe().unwrap()).unwrap();
        let layout = Layout::read(&program).unwrap();
        assert_eq!(layout.platform, Platform::host());
        if cfg!(all(target_os = "linux", target_env = "gnu")) {
            assert_eq!(layout.format, Format::Elf);
            assert_eq!(layout.linkage, Some(Linkage::Dynamic));
        }
    }

    #[test]
    fn refuses_object_files() {
        let mut content = elf().content;
        content[16] = 1;
        assert_eq!(read(&content).unwrap_err(), "it is an object file");
    }

    #[test]
    fn reads_bytes_by_their_address() {
        for image in [elf(), mach_o(), pe()] {
            let (_folder, path) = write(&image.content);
            let file = File::open(path).unwrap();
            let layout = Layout::read(&file).unwrap();
            let start = image.data as usize;
            let at = |address, size| layout.bytes_at(&file, address, size).unwrap();
            assert_eq!(
                at(image.address + 2, 3),
                image.content[start + 2..start + 5]
            );
            assert_eq!(at(image.address, 1 << 40), image.content[start..]);
            assert_eq!(at(image.address - 1, 3), b"");
            assert_eq!(layout.data.unwrap().address, image.address);
        }
    }
}
