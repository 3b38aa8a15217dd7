//! A make that talks to the test: each call holds a connection, so that the test knows when it is there and when it is gone.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use super::{TestEnvironment, real_tool};

/// No machine needs longer.
const PATIENCE: Duration = Duration::from_mins(2);

/// Stands in for make from now on.
pub(crate) struct FakeMake {
    listener: TcpListener,
}

/// One process of a fake make, which holds the other end of a connection as descriptor 3.
pub(crate) struct FakeCall {
    stream: BufReader<TcpStream>,
}

impl FakeMake {
    /// Puts a script of bash in place of make. In it, `{make}` is the real one, and descriptor 3 leads to the test.
    pub(crate) fn new(environment: &TestEnvironment, script: &str) -> FakeMake {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let make = real_tool("make").display().to_string();
        let script = script.replace("{make}", &make);
        environment.fake_tool(
            "make",
            &format!(
                "#!/bin/bash\n[ \"$1\" = --version ] && exec {make} --version\nexec 3<>/dev/tcp/127.0.0.1/{port}\necho here >&3\n{script}\n"
            ),
        );
        FakeMake { listener }
    }

    /// Waits until make is called.
    pub(crate) fn called(&self) -> FakeCall {
        let (stream, _) = self.listener.accept().unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut call = FakeCall {
            stream: BufReader::new(stream),
        };
        assert_eq!(call.line(), "here\n");
        call
    }
}

impl FakeCall {
    /// The next line that it says.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line
    }

    /// Lets it go on.
    pub(crate) fn answer(&mut self) {
        self.stream.get_mut().write_all(b"go on\n").unwrap();
    }

    /// Waits until nobody holds the connection any more.
    pub(crate) fn wait_until_gone(&mut self) {
        let mut rest = Vec::new();
        // A reset by a killed process ends it as well.
        if let Err(error) = self.stream.read_to_end(&mut rest) {
            assert_eq!(
                error.kind(),
                std::io::ErrorKind::ConnectionReset,
                "somebody still holds the socket"
            );
        }
    }
}
