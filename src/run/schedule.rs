//! Which step is next, and which run beside one another.

use crate::plan::Step;

/// The steps of a plan, by how far they are.
#[derive(Debug)]
pub(super) struct Schedule<'p> {
    waiting: Vec<&'p Step>,
    running: Vec<&'p Step>,
    done: Vec<&'p Step>,
}

impl<'p> Schedule<'p> {
    pub(super) fn new(steps: &'p [Step]) -> Schedule<'p> {
        Schedule {
            waiting: steps.iter().collect(),
            running: Vec::new(),
            done: Vec::new(),
        }
    }

    /// The next step that can start now; it counts as running from here on. `at_once` is how many like it may run at once,
    /// itself included: one that may not have company starts when nothing else runs.
    pub(super) fn start(&mut self, at_once: impl Fn(&Step) -> u32) -> Option<&'p Step> {
        let most = self.running.iter().map(|step| at_once(step)).min();
        let has_room = |step: &Step| match most {
            None => true,
            Some(most) => (self.running.len() as u32) < most.min(at_once(step)),
        };
        let is_done = |need: &String| self.done.iter().any(|done| done.id == *need);
        let at = self
            .waiting
            .iter()
            .position(|step| step.needs.iter().all(is_done) && has_room(step))?;
        let step = self.waiting.remove(at);
        self.running.push(step);
        Some(step)
    }

    /// A step ended well.
    pub(super) fn finish(&mut self, step: &'p Step) {
        self.running.retain(|running| running.id != step.id);
        self.done.push(step);
    }

    /// A step failed. What needs it is left out, and so is what needs that.
    pub(super) fn give_up(&mut self, step: &'p Step) {
        self.running.retain(|running| running.id != step.id);
        let mut gone = vec![step.id.as_str()];
        // Steps stand behind those that they need.
        self.waiting.retain(|waiting| {
            let stays = waiting
                .needs
                .iter()
                .all(|need| !gone.contains(&need.as_str()));
            if !stays {
                gone.push(&waiting.id);
            }
            stays
        });
    }

    /// Nothing more is to start.
    pub(super) fn close(&mut self) {
        self.waiting.clear();
    }

    pub(super) fn is_running(&self) -> bool {
        !self.running.is_empty()
    }

    /// Whether there is anything that runs or is yet to run.
    pub(super) fn goes_on(&self) -> bool {
        self.is_running() || !self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(all: &[(&str, &[&str])]) -> Vec<Step> {
        let step = |(id, needs): &(&str, &[&str])| {
            let step = serde_json::json!({
                "id": id, "title": id, "why": "", "argv": [], "environment": {}, "passes": [], "folder": "",
                "needs": needs, "compiles": [], "packages": [], "cache": null, "tools": [], "artifacts": [],
                "collects": [],
            });
            serde_json::from_value(step).unwrap()
        };
        all.iter().map(step).collect()
    }

    fn started<'p>(schedule: &mut Schedule<'p>, at_once: impl Fn(&Step) -> u32) -> Vec<&'p str> {
        std::iter::from_fn(|| schedule.start(&at_once))
            .map(|step| step.id.as_str())
            .collect()
    }

    #[test]
    fn cells_run_beside_each_other_and_everything_else_alone() {
        let steps = steps(&[
            ("a", &[]),
            ("b", &[]),
            ("c", &[]),
            ("pack", &["a", "b", "c"]),
        ]);
        let at_once = |step: &Step| if step.id == "pack" { 1 } else { 2 };
        let mut schedule = Schedule::new(&steps);
        assert_eq!(started(&mut schedule, at_once), ["a", "b"]);
        schedule.finish(&steps[1]);
        assert_eq!(started(&mut schedule, at_once), ["c"]);
        schedule.finish(&steps[0]);
        assert_eq!(started(&mut schedule, at_once), [""; 0]);
        schedule.finish(&steps[2]);
        assert_eq!(started(&mut schedule, at_once), ["pack"]);
        assert!(schedule.goes_on());
        schedule.finish(&steps[3]);
        assert!(!schedule.goes_on());
    }

    #[test]
    fn what_may_have_no_company_waits_and_keeps_others_waiting() {
        let steps = steps(&[("a", &[]), ("alone", &[]), ("b", &[])]);
        let at_once = |step: &Step| if step.id == "alone" { 1 } else { 3 };
        let mut schedule = Schedule::new(&steps);
        assert_eq!(started(&mut schedule, at_once), ["a", "b"]);
        schedule.finish(&steps[0]);
        schedule.finish(&steps[2]);
        assert_eq!(started(&mut schedule, at_once), ["alone"]);
    }

    #[test]
    fn a_failure_takes_along_what_needs_it() {
        let steps = steps(&[
            ("a", &[]),
            ("b", &[]),
            ("pack", &["a"]),
            ("repack", &["pack"]),
        ]);
        let mut schedule = Schedule::new(&steps);
        assert_eq!(started(&mut schedule, |_| 1), ["a"]);
        schedule.give_up(&steps[0]);
        assert_eq!(started(&mut schedule, |_| 1), ["b"]);
        schedule.finish(&steps[1]);
        assert!(!schedule.goes_on());
    }
}
