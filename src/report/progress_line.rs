//! The one line that shows how far a step is, fitted into the width of the terminal.

use std::time::Duration;

use crate::bytes::Bytes;

/// How far a step is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Progress {
    pub title: String,
    pub packages: u64,
    pub total: Option<u64>,
    pub elapsed: Duration,
    pub peak: Bytes,
}

const LABEL: &str = " Building  ";
const WIDEST_BAR: usize = 30;
const NARROWEST_BAR: usize = 8;

impl Progress {
    /// The line without its label; parts that matter less are left out until it fits.
    pub(super) fn fit(&self, width: usize) -> String {
        let counted = self.counted(true);
        let short = self.counted(false);
        let clock = clock(self.elapsed);
        let left = self
            .left()
            .map(|left| format!("about {} left", self::clock(left)));
        let peak = format!("peak {}", self.peak);
        let full: Vec<Option<&str>> =
            vec![Some(&counted), Some(&clock), left.as_deref(), Some(&peak)];
        let candidates = [
            full,
            vec![Some(&counted), Some(&clock), left.as_deref()],
            vec![Some(&short), Some(&clock), left.as_deref()],
            vec![Some(&short), Some(&clock)],
        ];
        let mut last = String::new();
        for parts in candidates {
            let text = parts
                .into_iter()
                .flatten()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" · ");
            let taken =
                LABEL.chars().count() + self.title.chars().count() + text.chars().count() + 2;
            let room = width.saturating_sub(taken + 1);
            match self.fraction() {
                Some(fraction) if room > NARROWEST_BAR => {
                    return format!(
                        "{} {} {text}",
                        self.title,
                        bar(fraction, room.min(WIDEST_BAR))
                    );
                }
                None if room > 0 => return format!("{} · {text}", self.title),
                _ => last = format!("{} · {text}", self.title),
            }
        }
        last.chars()
            .take(width.saturating_sub(LABEL.len() + 1))
            .collect()
    }

    /// The line for a log, where no width limits it.
    pub(super) fn plain(&self) -> String {
        let mut parts = vec![self.title.clone(), self.counted(true), clock(self.elapsed)];
        parts.extend(
            self.left()
                .map(|left| format!("about {} left", clock(left))),
        );
        parts.push(format!("peak {}", self.peak));
        parts.retain(|part| !part.is_empty());
        parts.join(" · ")
    }

    fn counted(&self, long: bool) -> String {
        let unit = match (long, self.total.unwrap_or(self.packages)) {
            (false, _) => "",
            (true, 1) => " package",
            (true, _) => " packages",
        };
        match (self.packages, self.total) {
            (0, None) => String::new(),
            (packages, None) => format!("{packages}{unit}"),
            (packages, Some(total)) => format!("{}/{total}{unit}", packages.min(total)),
        }
    }

    fn fraction(&self) -> Option<f64> {
        let total = self.total.filter(|total| *total > 0)?;
        Some((self.packages as f64 / total as f64).min(1.0))
    }

    /// What is left by the rate so far; nothing before a twentieth is done, when the rate still says nothing.
    fn left(&self) -> Option<Duration> {
        let fraction = self
            .fraction()
            .filter(|fraction| (0.05..1.0).contains(fraction))?;
        Some(self.elapsed.mul_f64((1.0 - fraction) / fraction))
    }
}

fn bar(fraction: f64, width: usize) -> String {
    let halves = (fraction * (2 * width) as f64) as usize;
    let mut bar = "━".repeat(halves / 2);
    if halves % 2 == 1 {
        bar.push('╸');
    }
    let drawn = bar.chars().count();
    bar.push_str(&"─".repeat(width - drawn));
    bar
}

/// A duration as `0:41` or `1:02:03`.
pub(super) fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// A duration as `0.4s` or `1m 02s`.
pub fn took(seconds: f64) -> String {
    if seconds < 60.0 {
        format!("{seconds:.1}s")
    } else {
        let whole = seconds as u64;
        let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
        if hours > 0 {
            format!("{hours}h {minutes:02}m {seconds:02}s")
        } else {
            format!("{minutes}m {seconds:02}s")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(total: Option<u64>) -> Progress {
        Progress {
            title: "kubectl linux/amd64".to_owned(),
            packages: 612,
            total,
            elapsed: Duration::from_secs(41),
            peak: Bytes::mib(1229),
        }
    }

    #[test]
    fn a_wide_terminal_shows_all() {
        assert_eq!(
            progress(Some(801)).fit(160),
            "kubectl linux/amd64 ━━━━━━━━━━━━━━━━━━━━━━╸─────── 612/801 packages · 0:41 · about 0:12 left · peak 1.2 GiB"
        );
    }

    #[test]
    fn every_width_is_kept() {
        for width in 20..200 {
            for total in [None, Some(801)] {
                let line = progress(total).fit(width);
                assert!(
                    LABEL.len() + line.chars().count() < width.max(21),
                    "{width}: {line}"
                );
            }
        }
    }

    #[test]
    fn eighty_columns_keep_the_estimate() {
        let line = progress(Some(801)).fit(80);
        assert!(
            line.contains("about 0:12 left") && line.contains("━"),
            "{line}"
        );
    }

    #[test]
    fn an_unknown_total_makes_no_promise() {
        assert_eq!(
            progress(None).plain(),
            "kubectl linux/amd64 · 612 packages · 0:41 · peak 1.2 GiB"
        );
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(
            [
                clock(Duration::from_secs(41)),
                clock(Duration::from_secs(3723))
            ],
            ["0:41", "1:02:03"]
        );
        assert_eq!(
            [took(0.44), took(62.3), took(3723.0)],
            ["0.4s", "1m 02s", "1h 02m 03s"]
        );
    }
}
