//! `cargo xtask fuzz`: whatever stands in a file, kubewright answers with an error and not with a panic, in bounded time.
//!
//! An input is made from a corpus by its number and the seed alone, so that each can be made again:
//! `cargo run --release -p xtask -- fuzz --inputs 1000000`, and `… --from N --inputs 1` for the one that failed.

mod corpus;
mod mutator;
mod target;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use clap::Args;

use self::corpus::Corpus;
use self::mutator::mutate;
use self::target::{TARGETS, Target};
use super::dice::Dice;
use super::{Failure, root};

/// The longest that one input may take, in a program without optimisation and on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(20);

/// `cargo xtask fuzz`
#[derive(Args, Debug)]
pub(super) struct FuzzArgs {
    /// What is fed [default: all]
    target: Vec<String>,
    /// How many inputs, shared out among the targets
    #[arg(long, default_value_t = 5_000)]
    inputs: u64,
    /// The number of the first input
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Other seeds make other inputs
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Feeds the targets.
pub(super) fn run(arguments: &FuzzArgs) -> Result<(), Failure> {
    let chosen = chosen(&arguments.target)?;
    let corpus = Corpus::read()?;
    let each = (arguments.inputs / chosen.len() as u64).max(1);
    for target in chosen {
        let fed = feed(target, &corpus, arguments.seed, arguments.from, each)?;
        eprintln!("{}: {fed}", target.name);
    }
    eprintln!("most resident memory: {}", resident());
    Ok(())
}

fn chosen(names: &[String]) -> Result<Vec<&'static Target>, Failure> {
    if names.is_empty() {
        return Ok(TARGETS.iter().collect());
    }
    let find = |name: &String| {
        let target = TARGETS.iter().find(|target| target.name == name);
        target.ok_or_else(|| {
            let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            format!("no target `{name}`; there are {}", known.join(", ")).into()
        })
    };
    names.iter().map(find).collect()
}

/// What became of the inputs.
struct Fed {
    inputs: u64,
    accepted: u64,
    longest: Duration,
    whole: Duration,
}

impl std::fmt::Display for Fed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Fed {
            inputs,
            accepted,
            longest,
            whole,
        } = self;
        write!(
            f,
            "{inputs} inputs, {accepted} of them read, no panic; the longest {:.1} ms, all {:.1} s",
            longest.as_secs_f64() * 1e3,
            whole.as_secs_f64()
        )
    }
}

fn feed(
    target: &Target,
    corpus: &Corpus,
    seed: u64,
    from: u64,
    count: u64,
) -> Result<Fed, Failure> {
    let started = Instant::now();
    let mut fed = Fed {
        inputs: 0,
        accepted: 0,
        longest: Duration::ZERO,
        whole: Duration::ZERO,
    };
    let folder = root().join("target/fuzz");
    fs::create_dir_all(&folder)?;
    let kept = folder.join(format!("{}-{}", target.name, std::process::id()));
    for number in from..from.saturating_add(count) {
        let mut dice = Dice::new(seed, number);
        let input = mutate(corpus.of(target.diet), &mut dice);
        // A stack that overflows ends the process at once: the input is on disk before.
        fs::write(&kept, &input)?;
        let began = Instant::now();
        let Ok(accepted) = catch_unwind(AssertUnwindSafe(|| (target.feed)(&input))) else {
            return Err(format!(
                "input {number} of `{}` panics: {}",
                target.name,
                kept.display()
            )
            .into());
        };
        let took = began.elapsed();
        if took > PATIENCE {
            return Err(format!(
                "input {number} of `{}` takes {took:?}: {}",
                target.name,
                kept.display()
            )
            .into());
        }
        fed.inputs += 1;
        fed.accepted += u64::from(accepted);
        fed.longest = fed.longest.max(took);
    }
    fs::remove_file(&kept)?;
    fed.whole = started.elapsed();
    Ok(fed)
}

fn resident() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("unknown".to_owned(), |size| size.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_inputs_of_each_target_end_in_no_panic() {
        let corpus = Corpus::read().unwrap();
        for target in TARGETS {
            let fed = feed(target, &corpus, 1, 0, 200).unwrap();
            assert!(fed.accepted > 0, "{}: nothing is read at all", target.name);
        }
    }

    #[test]
    fn an_input_is_made_again_by_its_number() {
        let corpus = Corpus::read().unwrap();
        for target in TARGETS {
            let made = |number| mutate(corpus.of(target.diet), &mut Dice::new(7, number));
            assert_eq!(made(3), made(3));
            assert_ne!(made(3), made(4));
        }
    }
}
