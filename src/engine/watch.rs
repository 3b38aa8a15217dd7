//! A container from its start to its end: its output, its memory, what killed it.

use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bollard::Docker;
use bollard::container::{AttachContainerResults, LogOutput};
use bollard::errors::Error as ApiError;
use bollard::models::ContainerStatsResponse;
use bollard::query_parameters::{
    AttachContainerOptionsBuilder, EventsOptionsBuilder, KillContainerOptionsBuilder,
    StatsOptionsBuilder, WaitContainerOptionsBuilder,
};
use bytes::Bytes as Chunk;
use futures_util::future::{Either, select};
use futures_util::stream::{self, Stream, StreamExt};
use tokio::sync::mpsc;

use super::cgroup::ContainerGroup;
use super::connection::LOOK;
use super::hunger::{Held, Hunger};
use super::{Container, EngineError};
use crate::bytes::Bytes;
use crate::cancel::{Cancel, Urgency};

/// How long the output of an ended container may stay open.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How often the memory of a container on this machine is looked at. An engine that is elsewhere tells once a second.
const SAMPLE: Duration = Duration::from_millis(400);

/// How a container ended.
#[derive(Clone, Copy, Debug)]
pub struct Exit {
    /// The exit code; 128 and the signal's number where a signal ended it.
    pub code: i64,
    /// What says that something was killed for want of memory, where anything does.
    pub out_of_memory: Option<MemorySign>,
    /// The most anonymous memory that all its processes held at once, as sampled.
    pub peak: Bytes,
    /// How long it ran.
    pub took: Duration,
}

/// What says that a container ran out of memory. Each of them has been seen to be absent where another was there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MemorySign {
    /// The engine's flag. It may be set although the first process went on, and ended with a code of its own.
    Flag,
    /// The engine's event.
    Event,
    /// The kernel's counter.
    Counter,
    /// Nothing was killed, but all came to a halt: what was left besides the heap was too little for the programs
    /// themselves, which the kernel read again and again.
    Starved,
}

impl fmt::Display for MemorySign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MemorySign::Flag => "the engine reports OOMKilled",
            MemorySign::Event => "the engine reports an oom event",
            MemorySign::Counter => "the kernel killed a process of the container",
            MemorySign::Starved => "the memory was so short that it came no further",
        })
    }
}

/// What is done while a container runs.
pub struct Watch<'a> {
    /// The wish to stop it.
    pub cancel: &'a Cancel,
    /// How long it has to end after the first such wish.
    pub grace: Duration,
    /// The limit of its memory, where it has one.
    pub limit: Option<Bytes>,
    /// Called a few times a second with the memory that it holds now and held at the most.
    pub look: &'a mut dyn FnMut(Bytes, Bytes),
}

/// The end of a container's output that the engine writes to.
#[derive(Debug)]
pub struct OutputWriter(mpsc::Sender<Chunk>);

/// The end that is read, in whole lines.
#[derive(Debug)]
pub struct OutputReader {
    receiver: mpsc::Receiver<Chunk>,
    chunk: Chunk,
}

/// A way for a container's output. When nobody reads it, the container is slowed down rather than the memory filled.
pub fn output() -> (OutputWriter, OutputReader) {
    let (sender, receiver) = mpsc::channel(64);
    let reader = OutputReader {
        receiver,
        chunk: Chunk::new(),
    };
    (OutputWriter(sender), reader)
}

impl Read for OutputReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.is_empty() {
            match self.receiver.blocking_recv() {
                Some(chunk) => self.chunk = chunk,
                None => return Ok(0),
            }
        }
        let count = buffer.len().min(self.chunk.len());
        buffer[..count].copy_from_slice(&self.chunk.split_to(count));
        Ok(count)
    }
}

/// What is heard of a running container.
enum News {
    Ended(Result<i64, ApiError>),
    Sample(Held),
    OutOfMemory,
    /// Somebody sent it this signal.
    Signal(String),
    Tick,
    /// One of the sources has no more to say.
    Silence,
}

type Sources<'a> = Pin<Box<dyn Stream<Item = News> + Send + 'a>>;

impl Container<'_> {
    /// Starts the container and stays with it to its end.
    ///
    /// # Errors
    /// [`EngineError::Lost`] when the connection breaks, [`EngineError::Stopped`] when somebody else ends the container. A
    /// program that fails is no error.
    pub fn watch<'w>(
        &'w self,
        output: OutputWriter,
        watch: Watch<'w>,
    ) -> Result<Exit, EngineError> {
        let docker = &self.engine.docker;
        let local = self.engine.is_this_machine();
        self.engine.runtime().block_on(async {
            let attached = attach(docker, &self.id).await?;
            let events = events(docker, &self.id);
            docker
                .start_container(&self.id, None)
                .await
                .map_err(|error| EngineError::of("starting a container", error))?;
            let started = Instant::now();
            let group = if local {
                group(docker, &self.id).await
            } else {
                None
            };
            let said = Arc::new(AtomicU64::new(0));
            let following = pin!(follow(attached, output, &said));
            let vigil = Vigil {
                docker,
                id: &self.id,
                group,
                said: Arc::clone(&said),
                hunger: Hunger::new(watch.limit),
                watch,
                asked: None,
                out_of_memory: None,
                signalled: None,
                peak: Bytes::default(),
                sampled: started,
            };
            let keeping = pin!(vigil.keep(events));
            let ended = match select(following, keeping).await {
                Either::Left(((), keeping)) => keeping.await,
                Either::Right((ended, following)) => {
                    let _ = tokio::time::timeout(LAST_WORDS, following).await;
                    ended
                }
            };
            let mut exit = ended?;
            exit.took = started.elapsed();
            Ok(exit)
        })
    }
}

async fn attach(docker: &Docker, id: &str) -> Result<AttachContainerResults, EngineError> {
    let options = AttachContainerOptionsBuilder::new()
        .stream(true)
        .stdout(true)
        .stderr(true)
        .build();
    docker
        .attach_container(id, Some(options))
        .await
        .map_err(|error| EngineError::of("listening to a container", error))
}

/// What happens to the container, from before its start.
fn events<'a>(docker: &'a Docker, id: &str) -> Sources<'a> {
    let filters = HashMap::from([
        ("container".to_owned(), vec![id.to_owned()]),
        (
            "event".to_owned(),
            vec!["oom".to_owned(), "kill".to_owned()],
        ),
    ]);
    let options = EventsOptionsBuilder::new().filters(&filters).build();
    let events = docker.events(Some(options)).map(|event| match event {
        Ok(event) => match event.action.as_deref() {
            Some("oom") => News::OutOfMemory,
            Some("kill") => {
                let attributes = event.actor.and_then(|actor| actor.attributes);
                let signal = attributes.and_then(|mut attributes| attributes.remove("signal"));
                News::Signal(signal.unwrap_or_default())
            }
            _ => News::Silence,
        },
        Err(_) => News::Silence,
    });
    Box::pin(events)
}

async fn group(docker: &Docker, id: &str) -> Option<ContainerGroup> {
    let inspected = docker.inspect_container(id, None).await.ok()?;
    ContainerGroup::of_process(inspected.state?.pid?)
}

/// Passes the output on, in whole lines of each stream, so that none is broken by one of the other.
async fn follow(mut attached: AttachContainerResults, output: OutputWriter, said: &AtomicU64) {
    let mut streams = [Vec::new(), Vec::new()];
    while let Some(Ok(frame)) = attached.output.next().await {
        said.fetch_add(1, Ordering::Relaxed);
        let stream = usize::from(matches!(frame, LogOutput::StdErr { .. }));
        let pending = &mut streams[stream];
        pending.extend_from_slice(&frame.into_bytes());
        // A line without an end must not fill the memory.
        let whole = match pending.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => end + 1,
            None if pending.len() > 64 * 1024 => pending.len(),
            None => continue,
        };
        let lines: Vec<u8> = pending.drain(..whole).collect();
        if output.0.send(lines.into()).await.is_err() {
            return;
        }
    }
    for rest in streams {
        let _ = output.0.send(rest.into()).await;
    }
}

/// What is known while a container runs.
struct Vigil<'a> {
    docker: &'a Docker,
    id: &'a str,
    group: Option<ContainerGroup>,
    watch: Watch<'a>,
    /// How many pieces of output there were.
    said: Arc<AtomicU64>,
    hunger: Hunger,
    asked: Option<Instant>,
    out_of_memory: Option<MemorySign>,
    signalled: Option<String>,
    peak: Bytes,
    sampled: Instant,
}

impl Vigil<'_> {
    async fn keep(mut self, events: Sources<'_>) -> Result<Exit, EngineError> {
        let mut sources = stream::select_all([events, self.ending(), self.samples(), ticks()]);
        let code = loop {
            match sources.next().await {
                Some(News::Ended(Ok(code))) => break code,
                Some(News::Ended(Err(error))) => {
                    return Err(EngineError::of("a container ran", error));
                }
                Some(News::Sample(held)) => self.sample(held).await,
                Some(News::OutOfMemory) => self.out_of_memory = Some(MemorySign::Event),
                Some(News::Signal(signal)) if self.asked.is_none() => {
                    self.signalled = Some(signal);
                }
                Some(News::Tick) => self.tick().await,
                Some(News::Signal(_) | News::Silence) => {}
                None => {
                    return Err(EngineError::Lost {
                        doing: "a container ran".to_owned(),
                        source: io::ErrorKind::UnexpectedEof.into(),
                    });
                }
            }
        };
        drop(sources);
        self.end(code).await
    }

    fn ending(&self) -> Sources<'static> {
        let options = WaitContainerOptionsBuilder::new()
            .condition("not-running")
            .build();
        let docker = self
            .docker
            .clone()
            .with_timeout(Duration::from_hours(7 * 24));
        let id = self.id.to_owned();
        let ending = async move {
            let mut waiting = pin!(docker.wait_container(&id, Some(options)));
            News::Ended(match waiting.next().await {
                Some(Ok(ended)) => Ok(ended.status_code),
                Some(Err(ApiError::DockerContainerWaitError { code, .. })) => Ok(code),
                Some(Err(error)) => Err(error),
                None => Err(ApiError::IOError {
                    err: io::Error::new(io::ErrorKind::UnexpectedEof, "the engine hung up"),
                }),
            })
        };
        Box::pin(stream::once(ending))
    }

    /// What the engine says of the memory; nothing where it can be seen from here.
    fn samples(&self) -> Sources<'static> {
        if self.group.is_some() {
            return Box::pin(stream::empty());
        }
        let options = StatsOptionsBuilder::new().stream(true).build();
        let samples = self.docker.stats(self.id, Some(options));
        Box::pin(samples.map(|sample| match sample {
            Ok(sample) => News::Sample(held(&sample)),
            Err(_) => News::Silence,
        }))
    }

    async fn sample(&mut self, held: Held) {
        self.peak = self.peak.max(held.memory);
        (self.watch.look)(held.memory, self.peak);
        let said = self.said.load(Ordering::Relaxed);
        if self.hunger.is_starving(held, said, Instant::now()) && self.out_of_memory.is_none() {
            self.out_of_memory = Some(MemorySign::Starved);
            self.signal("SIGKILL").await;
        }
    }

    async fn tick(&mut self) {
        if self.sampled.elapsed() >= SAMPLE {
            self.sampled = Instant::now();
            if let Some(held) = self.group.as_ref().and_then(ContainerGroup::held) {
                self.sample(held).await;
            }
        }
        if let Some(group) = &mut self.group {
            let killed = group.has_killed().then_some(MemorySign::Counter);
            self.out_of_memory = self.out_of_memory.or(killed);
        }
        match (self.watch.cancel.urgency(), self.asked) {
            (Urgency::None, _) => {}
            (Urgency::Polite, None) => {
                self.asked = Some(Instant::now());
                self.signal("SIGTERM").await;
            }
            (Urgency::Polite, Some(since)) if since.elapsed() < self.watch.grace => {}
            (Urgency::Polite | Urgency::Firm, _) => {
                self.asked = self.asked.or_else(|| Some(Instant::now()));
                self.signal("SIGKILL").await;
            }
        }
    }

    async fn signal(&self, signal: &str) {
        let options = KillContainerOptionsBuilder::new().signal(signal).build();
        let _ = self.docker.kill_container(self.id, Some(options)).await;
    }

    /// What the engine says at the end.
    async fn end(self, code: i64) -> Result<Exit, EngineError> {
        let inspected = self.docker.inspect_container(self.id, None).await;
        let state = inspected
            .map_err(|error| EngineError::of("a container ended", error))?
            .state
            .unwrap_or_default();
        let flag = state.oom_killed.unwrap_or_default();
        let flag = flag.then_some(MemorySign::Flag);
        let out_of_memory = flag.or(self.out_of_memory);
        // A signal that nobody here sent: a person, or the engine on its way down.
        if let (Some(signal), true, false) = (self.signalled, code > 128, out_of_memory.is_some()) {
            return Err(EngineError::Stopped { signal });
        }
        Ok(Exit {
            code: state.exit_code.unwrap_or(code),
            out_of_memory,
            peak: self.peak,
            took: Duration::ZERO,
        })
    }
}

fn ticks() -> Sources<'static> {
    Box::pin(stream::unfold((), |()| async {
        tokio::time::sleep(LOOK).await;
        Some((News::Tick, ()))
    }))
}

/// What an engine that is elsewhere says: `total_` is version 1 of control groups. Podman tells the usage alone.
fn held(sample: &ContainerStatsResponse) -> Held {
    let Some(memory) = &sample.memory_stats else {
        return Held::default();
    };
    let known = memory.stats.as_ref();
    let part = |name| known.and_then(|stats| stats.get(name)).copied();
    let anonymous = part("total_rss").or_else(|| part("anon"));
    Held {
        memory: Bytes(anonymous.or(memory.usage).unwrap_or_default()),
        major_faults: part("total_pgmajfault").or_else(|| part("pgmajfault")),
    }
}

#[cfg(test)]
mod tests {
    use bollard::models::ContainerMemoryStats;

    use super::*;

    fn sample(stats: &[(&str, u64)]) -> Held {
        let stats = stats
            .iter()
            .map(|(name, value)| ((*name).to_owned(), *value));
        held(&ContainerStatsResponse {
            memory_stats: Some(ContainerMemoryStats {
                usage: Some(1),
                stats: Some(stats.collect()),
                ..ContainerMemoryStats::default()
            }),
            ..ContainerStatsResponse::default()
        })
    }

    #[test]
    fn what_engines_elsewhere_say_is_understood() {
        let one = sample(&[
            ("rss", 1),
            ("total_rss", 7),
            ("pgmajfault", 2),
            ("total_pgmajfault", 3),
        ]);
        assert_eq!((one.memory, one.major_faults), (Bytes(7), Some(3)));
        let two = sample(&[("anon", 8), ("pgmajfault", 4)]);
        assert_eq!((two.memory, two.major_faults), (Bytes(8), Some(4)));
        let podman = sample(&[]);
        assert_eq!((podman.memory, podman.major_faults), (Bytes(1), None));
    }
}
