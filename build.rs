//! Tells cargo of the folder that is embedded as a whole: the compiler names the files that it read, and so a new one would
//! not be noticed.

fn main() {
    println!("cargo::rerun-if-changed=templates");
}
