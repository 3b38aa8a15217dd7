//! `kubewright crd lint --validator tree`: the verdict of a tree's own code.

use crate::cli::SourceOptions;
use crate::commands::build::wanted;
use crate::commands::source_place::{Said, reading, store, surroundings};
use crate::commands::{Call, tell};
use crate::crd::Finding;
use crate::crd::document::Node;
use crate::crd::lint::{Known, document, is_definition};
use crate::crd::verdict;
use crate::error::{Error, Explain, Kind};
use crate::report::{Event, Events};
use crate::settings::Settings;
use crate::source::{self, Checkout, Request};
use crate::toolchain::{self, Policy, Surroundings, Toolchain, ToolchainError, Wanted};
use crate::tree::{self, DiskFiles};
use crate::validator::{self, Key, Made, Making, Question, Resource, Validators};

/// The API server of a tree, ready to be asked.
pub(super) struct Server {
    made: Made,
    /// Which tree it is.
    pub(super) identity: Identity,
}

/// Which tree judges.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    version: Option<String>,
    commit: Option<String>,
    changes: usize,
}

impl Identity {
    fn of(checkout: &Checkout) -> Identity {
        Identity {
            version: checkout.stamp.version.clone(),
            commit: checkout.commit.clone(),
            changes: checkout.changes.len(),
        }
    }

    /// Its version, else its commit.
    pub(super) fn title(&self) -> String {
        let short = self.commit.as_deref().and_then(|commit| commit.get(..12));
        let name = self.version.as_deref().or(short);
        name.unwrap_or("a tree without a version").to_owned()
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "version": self.version,
            "commit": self.commit,
            "changes": self.changes,
        })
    }
}

/// There is no Go for the tree. What else helps is a setting here, and no flag.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
struct NoGo(ToolchainError);

impl Explain for NoGo {
    fn kind(&self) -> Kind {
        self.0.kind()
    }

    fn hints(&self) -> Vec<String> {
        let hints = self.0.hints().into_iter();
        hints
            .map(|hint| hint.replace("`--go host`", "`KUBEWRIGHT_GO=host`"))
            .collect()
    }
}

/// What a validator is made with.
struct Workshop<'a> {
    call: &'a Call,
    settings: &'a Settings,
    surroundings: Surroundings,
    events: Events,
}

impl Server {
    /// Gets the tree and its validator, which is compiled where that was not done before.
    pub(super) fn provide(source: &SourceOptions, call: &Call) -> Result<Server, Error> {
        let settings = call.settings(source.layer())?;
        let request = Said::new(source, Said::default()).request(&settings, &call.directory)?;
        tell::showing(&call.cancel, |events| {
            let workshop = Workshop {
                call,
                settings: &settings,
                surroundings: surroundings(&settings, call),
                events,
            };
            workshop.server(&request)
        })
    }

    /// What is wrong with each document. What is neither a definition of v1 nor a resource of one is left to the rules.
    pub(super) fn judge(
        &self,
        roots: &[&Node],
        known: &Known<'_>,
    ) -> Result<Vec<Vec<Finding>>, Error> {
        let definitions: Vec<&Node> = roots
            .iter()
            .copied()
            .filter(|root| is_definition(root))
            .collect();
        let definition_of = |root: &Node| {
            let definition = known.of(root)?;
            let mut all = definitions.iter();
            all.position(|candidate| std::ptr::eq(*candidate, definition))
        };
        let resources = roots.iter().filter(|root| !is_definition(root));
        let resources = resources.filter_map(|root| {
            Some(Resource {
                definition: definition_of(root)?,
                object: root,
            })
        });
        let question = Question {
            resources: resources.collect(),
            definitions: definitions.clone(),
        };
        let answer = validator::ask(&self.made.program, &question)?;
        let mut of_definitions = answer.definitions.iter();
        let mut of_resources = answer.resources.iter();
        let found = roots.iter().map(|root| {
            let built_in = document(root, known);
            let verdict = if is_definition(root) {
                of_definitions.next()
            } else {
                definition_of(root).and_then(|_| of_resources.next())
            };
            match verdict {
                Some(verdict) => verdict::findings(root, verdict, &built_in),
                None => built_in,
            }
        });
        Ok(found.collect())
    }
}

impl Workshop<'_> {
    fn server(&self, request: &Request) -> Result<Server, Error> {
        let checkout = self.checkout(request)?;
        tell::source_ready(&self.events, &checkout);
        let facts = tree::read(&DiskFiles::new(&checkout.root))?;
        validator::check(&checkout.root)?;
        let validators = Validators::below(&self.settings.home);
        let wanted = wanted(&facts, &self.settings.go);
        let made = match self.kept(&validators, &checkout, &wanted)? {
            Some(made) => made,
            None => self.make(&validators, &checkout, &wanted, request)?,
        };
        Ok(Server {
            made,
            identity: Identity::of(&checkout),
        })
    }

    fn checkout(&self, request: &Request) -> Result<Checkout, Error> {
        Ok(source::provide(
            request,
            &store(self.settings),
            &reading(self.settings, self.call),
            &self.call.cancel,
            &mut |progress| tell::source(&self.events, progress),
        )?)
    }

    /// The validator that was made before. It is of use without the Go that made it, too.
    fn kept(
        &self,
        validators: &Validators,
        checkout: &Checkout,
        wanted: &(Wanted, Policy),
    ) -> Result<Option<Made>, NoGo> {
        let resolved = toolchain::resolve(&wanted.0, wanted.1, &self.surroundings);
        let version = match &resolved {
            Ok(choice) => &choice.version,
            Err(ToolchainError::Offline { version, .. }) => version,
            Err(_) => return resolved.map(|_| None).map_err(NoGo),
        };
        let made = Key::of(checkout, version).and_then(|key| validators.find(&key));
        match (made, resolved) {
            (None, Err(error)) => Err(NoGo(error)),
            (made, _) => Ok(made),
        }
    }

    fn make(
        &self,
        validators: &Validators,
        checkout: &Checkout,
        wanted: &(Wanted, Policy),
        request: &Request,
    ) -> Result<Made, Error> {
        let toolchain = self.toolchain(wanted)?;
        let identity = Identity::of(checkout);
        let making = Making {
            tree: &checkout.root,
            version: &identity.title(),
            toolchain: &toolchain,
            jobs: self.settings.jobs,
            environment: &self.call.environment,
            grace: self.settings.grace_period,
            cancel: &self.call.cancel,
            events: &self.events,
            waiting: &|holder| tell::waits(&self.events, holder),
        };
        let key = Key::of(checkout, &toolchain.version);
        let now = || Key::of(&self.checkout(request).ok()?, &toolchain.version);
        Ok(validators.make(key.as_ref(), &making, &now)?)
    }

    fn toolchain(&self, wanted: &(Wanted, Policy)) -> Result<Toolchain, NoGo> {
        let toolchain = toolchain::provide(
            &wanted.0,
            wanted.1,
            &self.surroundings,
            &self.call.cancel,
            &mut |progress| tell::toolchain(&self.events, progress),
        );
        let toolchain = toolchain.map_err(NoGo)?;
        self.events.send(Event::ToolchainReady {
            version: toolchain.version.to_string(),
            origin: toolchain.origin.to_string(),
        });
        if let Some(message) = toolchain.warning.clone() {
            self.events.send(Event::Warning { message });
        }
        Ok(toolchain)
    }
}
