//! The smallest executables that have headers and one writable segment of data.

use std::path::PathBuf;

use object::{elf, macho, pe};

/// An executable of which one segment is loaded.
#[derive(Clone)]
pub(super) struct Image {
    pub(super) content: Vec<u8>,
    /// Where the segment's data begin in the file; they go to its end.
    pub(super) data: u64,
    /// Where the data are loaded.
    pub(super) address: u64,
    /// Where the headers hold the data's size, and in how many bytes each.
    sizes: Vec<(usize, usize)>,
}

impl Image {
    /// The same with other data.
    pub(super) fn with_data(&self, data: &[u8]) -> Image {
        let mut image = self.clone();
        image.content.truncate(self.data as usize);
        image.content.extend(data);
        let size = (data.len() as u64).to_le_bytes();
        for (offset, width) in &self.sizes {
            image.content[*offset..offset + width].copy_from_slice(&size[..*width]);
        }
        image
    }

    /// An ELF's bytes with one more program header of this type, for the same data.
    pub(super) fn with_second_header(&self, kind: u32) -> Vec<u8> {
        let mut content = self.content.clone();
        let (first, second) = (64, 64 + 56);
        content.copy_within(first..second, second);
        content[second..second + 4].copy_from_slice(&kind.to_le_bytes());
        content[56] = 2;
        content
    }
}

/// Writes a file that lives as long as the folder.
pub(super) fn write(content: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program");
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

const DATA: u64 = 0x200;
const ADDRESS: u64 = 0x40_0200;

/// Puts numbers at offsets, then sixteen bytes of data.
fn image(numbers: &[(usize, u64, usize)], sizes: &[(usize, usize)]) -> Image {
    let mut content = vec![0; DATA as usize];
    for (offset, value, width) in numbers {
        content[*offset..offset + width].copy_from_slice(&value.to_le_bytes()[..*width]);
    }
    let image = Image {
        content,
        data: DATA,
        address: ADDRESS,
        sizes: sizes.to_vec(),
    };
    image.with_data(&[0; 32])
}

/// A static program for linux/amd64, without sections.
pub(super) fn elf() -> Image {
    image(
        &[
            (0, u64::from(u32::from_le_bytes(elf::ELFMAG)), 4),
            (4, elf::ELFCLASS64.into(), 1),
            (5, elf::ELFDATA2LSB.into(), 1),
            (6, elf::EV_CURRENT.into(), 1),
            (16, elf::ET_EXEC.into(), 2),
            (18, elf::EM_X86_64.into(), 2),
            (20, elf::EV_CURRENT.into(), 4),
            (32, 64, 8), // where the program headers are
            (52, 64, 2),
            (54, 56, 2),
            (56, 1, 2),
            // The program header.
            (64, elf::PT_LOAD.into(), 4),
            (68, (elf::PF_R | elf::PF_W).into(), 4),
            (72, DATA, 8),
            (80, ADDRESS, 8),
        ],
        &[(96, 8), (104, 8)],
    )
}

/// A program for darwin/arm64 with one segment and no sections.
pub(super) fn mach_o() -> Image {
    image(
        &[
            (0, macho::MH_MAGIC_64.into(), 4),
            (4, macho::CPU_TYPE_ARM64.into(), 4),
            (12, macho::MH_EXECUTE.into(), 4),
            (16, 1, 4),
            (20, 72, 4),
            // The load command.
            (32, macho::LC_SEGMENT_64.into(), 4),
            (36, 72, 4),
            (56, ADDRESS, 8),
            (72, DATA, 8),
            (88, 3, 4),
            (92, 3, 4),
        ],
        &[(64, 8), (80, 8)],
    )
}

/// A program for windows/amd64 with one section.
pub(super) fn pe() -> Image {
    let (nt, optional, section) = (64, 64 + 24, 64 + 24 + 112);
    let base = 0x40_0000;
    image(
        &[
            (0, pe::IMAGE_DOS_SIGNATURE.into(), 2),
            (60, nt as u64, 4),
            (nt, pe::IMAGE_NT_SIGNATURE.into(), 4),
            (nt + 4, pe::IMAGE_FILE_MACHINE_AMD64.into(), 2),
            (nt + 6, 1, 2),
            (nt + 20, 112, 2),
            (optional, pe::IMAGE_NT_OPTIONAL_HDR64_MAGIC.into(), 2),
            (optional + 24, base, 8),
            (section + 12, ADDRESS - base, 4),
            (section + 20, DATA, 4),
            (
                section + 36,
                (pe::IMAGE_SCN_CNT_INITIALIZED_DATA
                    | pe::IMAGE_SCN_MEM_READ
                    | pe::IMAGE_SCN_MEM_WRITE)
                    .into(),
                4,
            ),
        ],
        &[(section + 8, 4), (section + 16, 4)],
    )
}
